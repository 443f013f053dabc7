"""E-mail addresses and usernames: the keys by which they are found, and the rules for new ones.

Two texts meet in one key only if they differ in letter case or in how the same characters are composed
(NFC, lower case). Never by look or by folding: straße is not strasse, mıke is not mike (flaw 21).
`housekey.kernel.lookalikes` keeps look-alikes apart from each other when a username is chosen.

Look-ups never raise: what can't be a name gets a key that no checked name can have.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from housekey.kernel.lookalikes import skeleton
from housekey.kernel.texts import Text, plural
from housekey.kernel.texts import text as _

if TYPE_CHECKING:
    from precis_i18n.profile import Profile

KEY_LENGTH = 254
"""Characters that a key may have: the longest address that SMTP carries (RFC 3696, erratum 1690)."""
LOCAL_LENGTH = 64
"""Characters before the @ (RFC 5321 §4.5.3.1.1)."""
RESERVED = frozenset(
    (
        *("abuse", "account", "accounts", "admin", "administrator", "anonymous", "api", "help", "helpdesk"),
        *("hostmaster", "housekey", "info", "mail", "moderator", "no-reply", "noreply", "official", "operator"),
        *("owner", "postmaster", "root", "security", "staff", "superuser", "support", "sysadmin", "system"),
        *("team", "webmaster"),
    )
)
"""Usernames that readers would take for the site's own people; the mailbox names are those of RFC 2142."""


class Reason(NamedTuple):
    """Why a new name is refused: `housekey.errors.Fault(*reason)`."""

    code: str
    text: Text


class Unfit(ValueError):
    """A new address or username that can't be taken; `reasons` tells everything that is wrong with it."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__(", ".join(reason.code for reason in reasons))


@dataclass(frozen=True)
class Email:
    """An address to write to, as its owner writes it, and the key to find it by."""

    address: str
    key: str


@dataclass(frozen=True)
class Username:
    """A name as its owner writes it, and the key to find it by."""

    name: str
    key: str


class Identifier(NamedTuple):
    """What a person typed to say who they are."""

    kind: Literal["email", "username"]
    key: str


def identifier_key(text: str) -> Identifier:
    """The key of what was typed in the login field: an address if it holds an @, else a username (flaw 20)."""
    if "@" in text:
        return Identifier("email", email_key(text))
    return Identifier("username", username_key(text))


def email_key(text: str) -> str:
    """The key of an e-mail address, at most `KEY_LENGTH` characters. Never raises.

    Both spellings of an internationalised domain have one key: ann@bücher.example and ann@xn--bcher-kva.example.
    The local part is compared without regard to case, although RFC 5321 §2.4 leaves that to the receiving host:
    people don't remember how they wrote it.
    """
    text = text.strip()
    local, _at, domain = text.rpartition("@")
    if not local or not domain or len(text) > KEY_LENGTH or not _is_plain(text):
        return _nobody(text)
    host = ascii_domain(domain)
    key = f"{_lower(local)}@{host}"
    return key if host and len(key) <= KEY_LENGTH else _nobody(text)


def username_key(text: str) -> str:
    """The key of a username: RFC 8265 §3.3, UsernameCaseMapped. Never raises."""
    text = text.strip()
    key = _enforced("UsernameCaseMapped", text) if len(text) <= KEY_LENGTH else None
    return key if key and "@" not in key and len(key) <= KEY_LENGTH else _nobody(text)


def ascii_domain(domain: str) -> str | None:
    """A domain as DNS and SMTP write it (RFC 5891): lower case, `xn--` for other scripts; None if it can't be.

    Without the mappings of UTS #46, which would make ſite.example and ⓢite.example one with site.example.
    """
    domain = _lower(domain)
    if domain.isascii():
        return domain
    import idna

    try:
        labels = [label if label.isascii() else idna.alabel(label).decode("ascii") for label in domain.split(".")]
    except UnicodeError:
        return None
    return ".".join(labels)


def wire_address(address: str) -> str:
    """An address as SMTP writes it: the domain in ASCII, where it can be."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{ascii_domain(domain) or domain}"


def check_email(text: str, *, testing: bool = False) -> Email:
    """Judge a new address by its form alone: no DNS, so that no name server learns it or delays the answer.

    `testing` lets addresses under `.test` through. Raises `Unfit`: too_long, invalid_email.
    """
    text = text.strip()
    local, at, _domain = text.rpartition("@")
    if len(text) > KEY_LENGTH or len(local) > LOCAL_LENGTH:
        raise Unfit(Reason("too_long", _("An e-mail address has at most 254 characters, 64 of them before the @.")))
    if not at:
        raise Unfit(Reason("invalid_email", _("An e-mail address has an @ in it, like name@example.org.")))
    address, key = _deliverable(text, testing), email_key(text)
    # The library maps ſ and ⓢ in a domain to s. An address is taken only if no mapping was needed: what is
    # stored must be what was typed (flaw 21), and typing it again must find it.
    if address is None or email_key(address) != key:
        raise Unfit(Reason("invalid_email", _("No mail can reach this address. Check it for typing errors.")))
    return Email(address, key)


def check_username(
    text: str, *, shortest: int = 2, longest: int = 64, reserved: Collection[str] = RESERVED
) -> Username:
    """Judge a new username. `reserved` names are refused together with everything that looks like them.

    Raises `Unfit`: too_short, too_long, invalid_username, reserved_username.
    """
    text = unicodedata.normalize("NFC", text.strip())  # as it is kept, so that it is counted as it is seen
    reasons = list(_wrong_in_username(text, shortest, longest))
    name = _enforced("UsernameCasePreserved", text) if not reasons else None
    if name and _looks_reserved(name, frozenset(reserved)):
        reasons.append(Reason("reserved_username", _("This username is kept for the site itself. Choose another.")))
    if reasons or not name:
        raise Unfit(*reasons)
    return Username(name, username_key(text))


def _wrong_in_username(text: str, shortest: int, longest: int) -> Iterator[Reason]:
    if len(text) > min(longest, KEY_LENGTH):
        yield Reason(
            "too_long",
            plural(
                "A username has at most {count} character.", "A username has at most {count} characters.", count=longest
            ),
        )
        return
    if len(text) < shortest:
        yield Reason(
            "too_short",
            plural(
                "A username has at least {count} character.",
                "A username has at least {count} characters.",
                count=shortest,
            ),
        )
    if "@" in text:
        yield Reason("invalid_username", _("A username has no @ in it; that is how e-mail addresses are told apart."))
    elif text and not _is_username(text):
        marks = _("A username is made of letters, digits and marks such as - _ and . without spaces.")
        yield Reason("invalid_username", marks)


def _is_username(text: str) -> bool:
    name, key = _enforced("UsernameCasePreserved", text), username_key(text)
    # A name of marks alone, such as "..", can't be read aloud and does harm as a part of an address.
    return name is not None and key == username_key(name) and "@" not in key and any(c.isalnum() for c in name)


def _looks_reserved(name: str, reserved: frozenset[str]) -> bool:
    return skeleton(name) in _skeletons(reserved)


@lru_cache(maxsize=8)
def _skeletons(names: frozenset[str]) -> frozenset[str]:
    """How the names look in each case that readers know them in: lnfo is like Info, ADMlN like ADMIN."""
    return frozenset(skeleton(shown) for name in names for shown in (name.lower(), name.title(), name.upper()))


def _deliverable(text: str, testing: bool) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    if not _is_plain(text):
        return None
    try:
        return validate_email(text, strict=True, check_deliverability=False, test_environment=testing).normalized
    except EmailNotValidError:
        return None


def _enforced(profile: str, text: str) -> str | None:
    try:
        return str(_profile(profile).enforce(text))
    except ValueError:
        return None


@lru_cache(maxsize=2)
def _profile(name: str) -> Profile:
    from precis_i18n import get_profile

    return get_profile(name)


def _lower(text: str) -> str:
    """NFC and lower case; composed once more because lower case letters compose that capitals don't (J̌, ǰ)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def _is_plain(text: str) -> bool:
    """Whether nothing in it is invisible, blank or a lone surrogate, and nothing would turn into ASCII."""
    return text.isprintable() and " " not in text and not any(_turns_into_ascii(c) for c in text)


def _turns_into_ascii(character: str) -> bool:
    """The Kelvin sign is a k for NFC, and so its address would be another person's (flaw 21)."""
    return not character.isascii() and _lower(character).isascii()


def _nobody(text: str) -> str:
    """A key that no checked name has: it begins with @. Equal texts share it, so that tries at them are counted.

    Free of NUL and surrogates, which databases refuse. Composing is skipped for long texts: it takes quadratic time.
    """
    same = _lower(text) if len(text) <= KEY_LENGTH else text
    return "@" + hashlib.sha256(same.encode("utf-8", "surrogatepass")).hexdigest()
