"""A readable name for a new passkey, until its owner gives it another."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from housekey.capabilities.factors.inputs import NAME_LENGTH
from housekey.kernel import devices
from housekey.kernel.texts import text as _

KNOWN = {
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "Apple Passwords",
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "iCloud Keychain",
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
    "fdb141b2-5d84-443e-8a35-4698c205a502": "KeePassXC",
    "50726f74-6f6e-5061-7373-50726f746f6e": "Proton Pass",
}
"""AAGUIDs of those that most people have. Unsigned, so believed for a name and nothing else."""
ROAMING = frozenset({"usb", "nfc", "ble", "smart-card"})
SECURITY_KEY = _("Security key")


def default_name(aaguid: str, transports: Sequence[str], user_agent: str, taken: Collection[str]) -> str:
    """What made it, else the kind of thing it is, else the browser; with a number if that is taken."""
    plain = KNOWN.get(aaguid) or _by_kind(transports, user_agent)
    names = [plain, *(f"{plain[: NAME_LENGTH - 4]} {number}" for number in range(2, 100))]
    return next((name for name in names if name not in taken), plain)


def _by_kind(transports: Sequence[str], user_agent: str) -> str:
    if ROAMING & set(transports) and not {"internal", "hybrid"} & set(transports):
        return str(SECURITY_KEY)
    return devices.describe(user_agent).name[:NAME_LENGTH]
