"""`app.config["HOUSEKEY_…"]` becomes frozen dataclasses, one a capability, checked at start-up.

`HOUSEKEY_PASSWORDS_MIN_LENGTH` is field `min_length` of the settings of capability `passwords`; the settings
of the house itself (`HouseSettings`) have no middle word: `HOUSEKEY_BASE_URL`. Durations are written as
`timedelta`, as seconds, or as a text such as "15m", "8h", "30d". Lists may be texts with commas, so that
Flask's `from_prefixed_env` can set them.
"""

from __future__ import annotations

import dataclasses
import difflib
import operator
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal, TypeVar, cast

from housekey.errors import ConfigurationError, UnknownSetting

PREFIX = "HOUSEKEY_"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_T = TypeVar("_T")


def setting(
    default: Any,
    doc: str,
    *,
    source: str | None = None,
    at_least: Any = None,
    at_most: Any = None,
    secret: bool = False,
) -> Any:
    """A field of a settings dataclass.

    `doc` says what it is for and its unit; `source` where the default comes from (a paragraph of a
    standard, a measurement); `secret` keeps its value out of `flask housekey settings`.
    """
    metadata = {"doc": doc, "source": source, "at_least": at_least, "at_most": at_most, "secret": secret}
    if callable(default) and not isinstance(default, type):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Entry:
    """One setting as `flask housekey settings` and the docs show it."""

    key: str
    type: Any
    default: Any
    doc: str
    source: str | None
    secret: bool
    at_least: Any
    at_most: Any


class Settings:
    """All settings of one app: `settings[PasswordSettings].min_length`."""

    def __init__(self, groups: Mapping[type, Any]) -> None:
        self._groups = dict(groups)

    def __getitem__(self, group: type[_T]) -> _T:
        return cast(_T, self._groups[group])

    def __iter__(self) -> Iterator[tuple[Entry, Any]]:
        for group, values in self._groups.items():
            for entry in entries(group):
                yield entry, getattr(values, field_name(group, entry.key))


def section(group: type) -> str:
    """The middle word of a group's keys: the class attribute `section`, empty for the house itself."""
    return str(getattr(group, "section", ""))


def field_name(group: type, key: str) -> str:
    """The dataclass field behind a flat key."""
    return key.removeprefix(_prefix(group)).lower()


def _prefix(group: type) -> str:
    middle = section(group)
    return f"{PREFIX}{middle.upper()}_" if middle else PREFIX


@cache
def entries(group: type) -> tuple[Entry, ...]:
    """Every setting of one group, in the order of its fields; made once, for resolving types takes long."""
    hints = typing.get_type_hints(group)
    return tuple(
        Entry(
            key=_prefix(group) + f.name.upper(),
            type=hints[f.name],
            default=_default(f),
            doc=f.metadata["doc"],
            source=f.metadata["source"],
            secret=f.metadata["secret"],
            at_least=f.metadata["at_least"],
            at_most=f.metadata["at_most"],
        )
        for f in dataclasses.fields(group)
    )


def _default(f: dataclasses.Field[Any]) -> Any:
    factory: Any = f.default_factory
    return f.default if f.default is not dataclasses.MISSING else factory()


def load(config: Mapping[str, Any], groups: Sequence[type]) -> Settings:
    """Read and check all keys. Raises `UnknownSetting` or `ConfigurationError`, which name the cure."""
    _refuse_nested(config)
    known = {entry.key: (group, entry) for group in groups for entry in entries(group)}
    chosen: dict[type, dict[str, Any]] = {group: {} for group in groups}
    for key in sorted(k for k in config if k.startswith(PREFIX)):
        if key not in known:
            raise UnknownSetting(key, _nearest(key, known))
        group, entry = known[key]
        chosen[group][field_name(group, key)] = _checked(entry, config[key])
    return Settings({group: group(**values) for group, values in chosen.items()})


def _nearest(key: str, known: Iterable[str]) -> str | None:
    """By what comes behind the prefix, which all have in common."""
    names = [name.removeprefix(PREFIX) for name in known]
    near = difflib.get_close_matches(key.removeprefix(PREFIX), names, n=1)
    return PREFIX + near[0] if near else None


def _refuse_nested(config: Mapping[str, Any]) -> None:
    """`FLASK_HOUSEKEY__BASE_URL`: Flask makes a dictionary of two underscores, and nobody would read it."""
    nested = config.get(PREFIX.rstrip("_"))
    if isinstance(nested, Mapping):
        keys = ", ".join(f"{PREFIX}{name}" for name in nested)
        raise ConfigurationError(
            f"HOUSEKEY is a dictionary, which isn't read. Each setting is a key of its own, by one underscore: {keys}."
        )


def _checked(entry: Entry, value: Any) -> Any:
    try:
        converted = convert(value, entry.type)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigurationError(f"{entry.key} = {_shown(entry, value)}: {error}. {entry.doc}") from None
    for bound, wrong, words in (
        (entry.at_least, operator.lt, "at least"),
        (entry.at_most, operator.gt, "at most"),
    ):
        if bound is not None and converted is not None and wrong(converted, bound):
            raise ConfigurationError(f"{entry.key} = {_shown(entry, value)}: must be {words} {bound}. {entry.doc}")
    return converted


def _shown(entry: Entry, value: Any) -> str:
    return "(secret)" if entry.secret else repr(value)


def convert(value: Any, kind: Any) -> Any:
    """Turn a value of `app.config` into `kind`; raises ValueError with the reason."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _optional(value, arguments)
    if origin is Literal:
        return _one_of(value, arguments)
    if origin in (tuple, frozenset):
        return origin(convert(part, arguments[0]) for part in _parts(value))
    if kind is timedelta:
        return duration(value)
    if kind is date:
        return day(value)
    if kind is Any or origin is not None or kind is Callable:
        return value
    return _plain(value, kind)


def _optional(value: Any, arguments: tuple[Any, ...]) -> Any:
    if value is None or value == "":
        if type(None) in arguments:
            return None
        raise ValueError("a value is needed")
    return convert(value, next(a for a in arguments if a is not type(None)))


def _one_of(value: Any, choices: tuple[Any, ...]) -> Any:
    if value not in choices:
        raise ValueError("choose one of " + ", ".join(repr(choice) for choice in choices))
    return value


def _parts(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    raise ValueError("give a list, or a text with commas")


def _plain(value: Any, kind: type) -> Any:
    if kind is bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
            return str(value).lower() in {"1", "true", "yes", "on"}
        raise ValueError("give True or False")
    if kind in (int, float) and not isinstance(value, bool):
        return kind(value)
    if kind is str and isinstance(value, str):
        return value
    if isinstance(value, kind) and not isinstance(value, bool):
        return value
    raise ValueError(f"give {kind.__name__}, not {type(value).__name__}")


def day(value: Any) -> date:
    """A date, or a text such as "2026-12-31"."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip()):
        raise ValueError('give a date, such as "2026-12-31"')
    return date.fromisoformat(value.strip())


def duration(value: Any) -> timedelta:
    """A timedelta, a number of seconds, or "0.5s", "90s", "15m", "8h", "30d"."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return timedelta(seconds=value)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", str(value).strip())
    if match is None:
        raise ValueError('give a timedelta, seconds, or a text such as "15m", "8h", "30d"')
    return timedelta(**{_UNITS[match[2] or "s"]: float(match[1])})
