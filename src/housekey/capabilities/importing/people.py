"""A row of the file as a person: every value judged, everything that is wrong told at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from housekey.capabilities.importing.columns import known_columns, taken, unknown_column, value_of
from housekey.capabilities.importing.faults import LineFault
from housekey.capabilities.importing.reading import ENCODING_CURE, Line
from housekey.capabilities.passwords import formats
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.capabilities.registration import claims
from housekey.house import House
from housekey.kernel import clock
from housekey.kernel.names import RESERVED, Unfit, check_username, email_key, username_key

FLASK_SECURITY = "flask-security"
LONGEST_HASH = 255
"""Characters of the column that keeps it."""
SAFE_ENOUGH = "It is kept as it is."


@dataclass
class Person:
    """Who is to be brought in. `values`: columns of the host's `User`."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    hash: str | None = field(default=None, repr=False)
    verified_at: datetime | None = None
    disabled_at: datetime | None = None
    roles: tuple[str, ...] = ()
    faults: list[LineFault] = field(default_factory=list)
    warnings: list[LineFault] = field(default_factory=list)

    @property
    def keys(self) -> dict[str, str]:
        """What the person can log in by: kind, by the key it is found by."""
        found = {}
        if self.values.get("email"):
            found[email_key(self.values["email"])] = "email"
        if self.values.get("username"):
            found[username_key(self.values["username"])] = "username"
        return found

    def fault(self, column: str, code: str, text: str, cure: str) -> None:
        self.faults.append(LineFault(self.line, column, code, text, cure))

    def warn(self, column: str, code: str, text: str, cure: str) -> None:
        self.warnings.append(LineFault(self.line, column, code, text, cure))


class Judge:
    """Judges rows by the settings and the model of one app, and by which roles there are."""

    def __init__(self, house: House, roles: Collection[str], ignored: Collection[str] = ()) -> None:
        self.house, self.roles, self.ignored = house, frozenset(roles), frozenset(ignored)
        self.known = known_columns(house)
        self.taken = taken(self.known)
        self.salt = house.settings[PasswordSettings].flask_security_salt
        self.can_bcrypt = find_spec("bcrypt") is not None

    def person(self, line: Line) -> Person:
        """The person of a row, with all its faults."""
        person = Person(line.number, faults=list(line.faults))
        if line.faults:
            return person
        given = {name: value for name, value in line.values.items() if name not in self.ignored}
        if self._unreadable(person, given):
            return person
        cells = {name: value for name, value in given.items() if not _is_empty(value)}
        for name in given.keys() - self.taken:
            person.faults.append(unknown_column(self.house, line.number, name, self.known))
        self._names(person, cells)
        self._hash(person, cells.get("password_hash"), cells.get("password_format"))
        self._state(person, cells)
        self._profile(person, cells)
        return person

    def _unreadable(self, person: Person, given: dict[str, Any]) -> bool:
        """What no database takes."""
        for name, value in given.items():
            text = value if isinstance(value, str) else ""
            if "\0" in text:
                person.fault(name, "nul", "This value holds a NUL.", "Take the character out.")
            elif not _is_unicode(text) or not _is_unicode(name):
                person.fault(name if _is_unicode(name) else "", "not_utf8", "This value is not UTF-8.", ENCODING_CURE)
        return bool(person.faults)

    def _names(self, person: Person, cells: dict[str, Any]) -> None:
        email, username, name = (_text(person, cells, column) for column in ("email", "username", "name"))
        if email is not None:
            email, wrong = claims.checked_email(self.house, email)
            cure = "Correct it, or leave it empty and give a username."
            for fault in wrong:
                person.fault("email", fault.code, str(fault.text), cure)
        if username is not None:
            username = self._username(person, username.strip(), email)
        for fault in claims.name_faults(name):
            person.fault("name", fault.code, str(fault.text), "Correct it.")
        values = {"email": email, "username": username, "name": name and name.strip()}
        person.values = {column: value for column, value in values.items() if value and column in self.known}
        if not person.keys and not person.faults:
            cure = "Give an e-mail address or a username that this app's users have a column for."
            person.fault("", "no_identifier", "This row has neither an e-mail address nor a username.", cure)

    def _username(self, person: Person, username: str, email: str | None) -> str | None:
        """Hosts may keep usernames that registration would refuse today; but one with an @ could be another person's
        address (flaw 20)."""
        if "@" in username:
            if email is not None and email_key(username) == email_key(email):
                text = "The username is the e-mail address: it is left out."
                person.warn("username", "username_is_email", text, "Nothing: the person logs in by the address.")
                return None
            person.fault(
                "username", "invalid_username", "A username has no @ in it.", "Leave it empty, or give another."
            )
            return None
        if claims.name_faults(username):
            person.fault("username", "invalid_username", "A username holds no line breaks.", "Give another one.")
            return None
        try:
            check_username(username, shortest=1, longest=254, reserved=RESERVED)
        except Unfit as unfit:
            for reason in unfit.reasons:
                person.warn("username", reason.code, f"Registration would refuse it: {reason.text}", SAFE_ENOUGH)
        return username

    def _hash(self, person: Person, stored: Any, named: Any) -> None:
        if stored is None:
            if named is not None:
                person.fault("password_format", "no_hash", "A format without a hash.", "Give password_hash, too.")
            return
        found = formats.identify(stored) if isinstance(stored, str) and len(stored) <= LONGEST_HASH else None
        if found is None:
            known = ", ".join(format.name for format in formats.FORMATS)
            cure = f"Known are: {known}. Leave it empty to let the person set a new password."
            person.fault("password_hash", "unknown_format", "This is no hash of a known format.", cure)
            return
        self._named_format(person, found, named)
        if "bcrypt" in found.name and not self.can_bcrypt:
            cure = 'Before these people log in: pip install "housekey[bcrypt]".'
            person.warn("password_hash", "bcrypt_missing", "bcrypt hashes need an extra.", cure)
        person.hash = stored

    def _named_format(self, person: Person, found: formats.Format, named: Any) -> None:
        if named == FLASK_SECURITY:
            if not found.doubled:
                text = f"This is a hash of format {found.name}, which Flask-Security doesn't write."
                person.fault("password_format", "other_format", text, "Correct password_format, or leave it empty.")
            elif not self.salt:
                text = "Hashes of Flask-Security fit no password without its salt."
                cure = "Set HOUSEKEY_PASSWORDS_FLASK_SECURITY_SALT to the old app's SECURITY_PASSWORD_SALT."
                person.fault("password_hash", "salt_missing", text, cure)
        elif named is not None and named != found.name:
            text = f"This is a hash of format {found.name}."
            person.fault("password_format", "other_format", text, "Correct password_format, or leave it empty.")

    def _state(self, person: Person, cells: dict[str, Any]) -> None:
        person.verified_at = _moment(person, "email_verified", cells.get("email_verified"))
        person.disabled_at = _moment(person, "disabled", cells.get("disabled"))
        if person.verified_at is not None and "email" not in person.values:
            person.verified_at = None
        person.roles = _roles(person, cells.get("roles"))
        for role in person.roles:
            if role not in self.roles:
                cure = "Make it first: flask housekey roles create NAME. Names are small letters, digits, dots, - or _."
                person.fault("roles", "unknown_role", f"There is no role {role[:80]}.", cure)

    def _profile(self, person: Person, cells: dict[str, Any]) -> None:
        for name, column in self.known.items():
            if name in cells and name not in ("email", "username", "name"):
                try:
                    person.values[name] = value_of(column, cells[name])
                except ValueError as error:
                    person.fault(name, "wrong_type", f"This column takes {error}.", "Correct the value.")
        for name, wrong in claims.length_faults(self.house.store.schema, person.values).items():
            for fault in wrong:
                person.fault(name, fault.code, str(fault.text), "Shorten it, or widen the column.")


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value == []


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


def _text(person: Person, cells: dict[str, Any], column: str) -> str | None:
    value = cells.get(column)
    if value is None or isinstance(value, str):
        return value
    person.fault(column, "wrong_type", "This column takes a text.", "Correct the value.")
    return None


def _moment(person: Person, column: str, value: Any) -> datetime | None:
    """A yes, a no, or the time since when it holds; times without a zone are UTC."""
    word = str(value).strip().lower()
    if value is None or word in ("false", "f", "no", "0"):
        return None
    if word in ("true", "t", "yes", "1"):
        return clock.now()
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        moment = None
    if moment is None or moment.year < 1970:
        cure = "Write true, false, or a time such as 2026-01-31T12:00:00Z."
        person.fault(column, "wrong_type", "This is neither a yes or no nor a time.", cure)
        return None
    return min(moment.replace(tzinfo=moment.tzinfo or UTC), clock.now())


def _roles(person: Person, value: Any) -> tuple[str, ...]:
    """A list, or a text with commas, semicolons or spaces."""
    parts = value.replace(",", " ").replace(";", " ").split() if isinstance(value, str) else value
    if parts is None:
        return ()
    if not isinstance(parts, list) or not all(isinstance(part, str) and "\0" not in part for part in parts):
        person.fault("roles", "wrong_type", "Roles are a list of names.", "Correct the value.")
        return ()
    return tuple(dict.fromkeys(parts))
