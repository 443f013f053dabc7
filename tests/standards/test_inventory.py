"""“What is inside” says what the code does: a table that leaves something out fails here."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from docs.pages import DOCS, ROOT
from housekey.capabilities import CAPABILITIES
from housekey.capabilities.admin.inputs import UserChange
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.capabilities.profile.inputs import Name, ProfileChange
from housekey.login.settings import LoginSettings, SessionSettings
from housekey.settings import entries
from housekey.web.settings import HouseSettings
from rig.source import calls, importers

PAGE = (DOCS / "inventory.md").read_text()
CRYPTOGRAPHY = ("hashlib", "hmac", "secrets", "random", "ssl", "cryptography", "argon2", "bcrypt", "webauthn")
OUTWARD = ("socket", "http.client", "smtplib", "urllib.request", "asyncio", "requests", "httpx", "subprocess")
WRITES = re.compile(r"open\(.*'[wxa]b?'|TemporaryFile\('w|\.write_(?:text|bytes)\(|O_WRONLY")
TOLD_TO_WRITE = {"capabilities.mail.transports.local", "commands.leaving", "commands.refusals", "demo.app"}
"""Mails as files, an export into a file that is named, what no full disk takes (thrown away), the demo's own key."""
OPENS_WHAT_IS_SEALED = {
    "capabilities.totp.actions",  # an app that is being set up is shown its seed
    "capabilities.totp.apps",  # a code is checked
    "capabilities.factors.removed",  # a factor comes back
    "capabilities.outbox.actions",  # tests and the mailbox of the demo read mails
    "capabilities.outbox.claims",  # a mail is sent
    "capabilities.reauthentication.keeping",  # a kept form is sent on
    "store.resealing",  # keys are changed
}
GROUPS = {HouseSettings, LoginSettings, SessionSettings, *(it.settings for it in CAPABILITIES if it.settings)}


def part(title: str) -> str:
    found = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    assert found, f"a part called {title}"
    return found


def column(title: str, number: int) -> list[str]:
    """What a part's table names in one column, in backquotes."""
    lines = [line for line in part(title).splitlines() if line.startswith("|")][2:]
    return [name for line in lines for name in re.findall(r"`([^`]+)`", line.strip("|").split("|")[number])]


@pytest.mark.asvs("11.1.2", "11.1.3", "11.2.1")
def test_every_module_that_does_cryptography_is_listed_and_no_other():
    assert set(column("Cryptography", 0)) == importers(*CRYPTOGRAPHY)


@pytest.mark.asvs("13.1.1", "13.2.4", "13.2.5")
def test_every_module_that_connects_to_something_is_listed_and_no_other():
    assert set(column("What goes out", 1)) - {"store"} == importers(*OUTWARD)


@pytest.mark.asvs("11.1.1", "13.1.4")
def test_every_secret_is_listed_with_when_to_change_it():
    secret = {entry.key for group in GROUPS for entry in entries(group) if entry.secret}
    told = {*column("Secrets", 0), *column("Secrets", 2), *re.findall(r"`(HOUSEKEY_\w+)`", part("Secrets"))}
    assert secret <= told
    assert "SECRET_KEY" in told


@pytest.mark.asvs("13.1.2", "13.1.3")
def test_each_way_out_says_how_many_go_at_once_and_what_happens_without_it():
    lines = [line for line in part("What goes out").splitlines() if line.startswith("|")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert all(len(cells) == 4 and all(cells) for cells in rows)
    assert {"HOUSEKEY_MAIL_TIMEOUT", "HOUSEKEY_WEBHOOKS_TIMEOUT", "HOUSEKEY_OUTBOX_GIVE_UP_AFTER"} <= set(
        column("What goes out", 3)
    )


@pytest.mark.asvs("15.1.3", "15.1.5")
def test_what_costs_much_and_what_is_dangerous_is_told_with_its_bounds():
    pool = {entry.key for entry in entries(PasswordSettings) if "_POOL_" in entry.key}
    assert pool <= set(re.findall(r"HOUSEKEY_\w+", part("What costs much")))
    assert "msgspec" in part("Dangerous work, and who does it")


@pytest.mark.asvs("8.1.3", "8.1.4")
def test_what_decides_beside_rights_is_told_with_its_threshold():
    named = set(column("What decides beside rights", 1))
    assert {"HOUSEKEY_THROTTLING_LOCK_AFTER", "HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE"} <= named
    assert {entry.key for entry in entries(SessionSettings) if entry.key.endswith(("_FOR", "_PROTECTION"))} <= named


@pytest.mark.asvs("8.1.2")
def test_each_field_of_a_user_that_can_be_changed_says_by_whom():
    told = part("Who sees and changes which field")
    names = {"time_zone": "time zone", "frozen": "disabled", "closing": "disabled"}
    changed = {*ProfileChange.__struct_fields__, *Name.__struct_fields__, *UserChange.__struct_fields__}
    assert [name for name in changed if names.get(name, name) not in told] == []


@pytest.mark.asvs("2.1.2")
def test_what_must_fit_together_is_told():
    assert len([line for line in part("What must fit together").splitlines() if line.startswith("|")]) > 6


@pytest.mark.asvs("3.1.1", "3.7.5")
def test_what_the_pages_want_of_a_browser_is_told_and_what_happens_without_it():
    told = part("Browsers")
    assert [
        word for word in ("https", "cookies", "JavaScript", "WebAuthn", "Security Policy") if word not in told
    ] == []


@pytest.mark.asvs("11.1.4")
def test_there_is_a_plan_for_the_day_on_which_an_algorithm_falls():
    assert "quantum" in part("Cryptography").partition("**When one of them falls.**")[2]


@pytest.mark.asvs("15.1.4")
def test_what_is_risky_among_the_dependencies_is_told_and_is_one():
    told = part("Dangerous work, and who does it").rpartition("Of what Housekey depends on")[2]
    risky = {name for name in dependencies() if name in told}
    assert {"precis-i18n", "webauthn", "msgspec"} <= risky


def dependencies() -> set[str]:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return {re.split(r"[>=<\[]", name)[0] for name in listed}


@pytest.mark.asvs("15.1.1")
def test_it_is_told_how_soon_a_flaw_is_mended():
    assert re.findall(r"within (\d+)", (ROOT / "SECURITY.md").read_text()) == ["7", "30"]


@pytest.mark.asvs("16.1.1", "16.2.3")
def test_every_logger_is_listed_and_nothing_else_is_written():
    got = [call.args[0] for _name, what, call in calls() if what == "logging.getLogger" and call.args]
    named = {argument.value for argument in got if isinstance(argument, ast.Constant)}
    told = set(re.findall(r"^\| (`.*?`) \|", (DOCS / "guides/what-we-log.md").read_text(), re.MULTILINE))
    assert named <= {name for cell in told for name in re.findall(r"`([^`]+)`", cell)}
    assert {name for name, _what, call in calls() if WRITES.search(ast.unparse(call))} == TOLD_TO_WRITE


@pytest.mark.asvs("11.7.2")
def test_what_is_sealed_is_opened_only_at_the_moment_in_which_it_is_needed():
    assert {name for name, what, _call in calls() if what.endswith("sealer.open")} == OPENS_WHAT_IS_SEALED
