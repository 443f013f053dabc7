"""Which fault a value has, and the sentence that says how to put it right.

msgspec's message is made for programmers and changes with its version, so the code is worked out from the
field's type and limits instead.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Sequence
from typing import Any

from msgspec import inspect as shapes

from housekey.errors import Fault
from housekey.kernel.texts import Text, plural
from housekey.kernel.texts import text as _
from housekey.web.fields import LISTS, Field, plain_kinds

LARGEST_INTEGER = 2**53 - 1
"""RFC 8259 §6: beyond it readers disagree; databases fail beyond 2**63 and would answer 500 (flaw 45)."""

CODES = {
    "missing": "A value is needed and none was given.",
    "wrong_type": "The JSON type is another one: a number where a text belongs, say.",
    "too_short": "Fewer characters or items than are needed.",
    "too_long": "More characters or items than are allowed.",
    "too_small": "A number below the lowest allowed.",
    "too_large": "A number above the highest allowed.",
    "not_a_choice": "None of the values to choose from.",
    "invalid_format": "The text does not have the form that is needed.",
    "unknown_field": "JSON only: there is no such field.",
}
"""Codes that any field may bear. Verbs add their own (`email_taken`). They are a promise: they don't change."""

_WORDS: dict[type[shapes.Type], Text] = {
    shapes.StrType: _("a text"),
    shapes.LiteralType: _("a text"),
    shapes.EnumType: _("a text"),
    shapes.IntType: _("a whole number"),
    shapes.FloatType: _("a number"),
    shapes.BoolType: _("true or false"),
    shapes.DateTimeType: _("a time such as 2026-01-31T12:00:00Z"),
    shapes.DateType: _("a date such as 2026-01-31"),
    shapes.TimeType: _("a time of day such as 12:00:00"),
    shapes.UUIDType: _("a UUID"),
    shapes.DecimalType: _("a number"),
    **dict.fromkeys(LISTS, _("a list")),
}
_OBJECT = _("an object")
_FORMATS = (shapes.DateTimeType, shapes.DateType, shapes.TimeType, shapes.UUIDType, shapes.DecimalType)
_CHOICES = (shapes.LiteralType, shapes.EnumType)
_NUMBERS = (shapes.IntType, shapes.FloatType)
_SURROGATE = re.compile("[\ud800-\udfff]")


def missing(field: Field) -> Fault:
    """Nothing was given."""
    if field.is_list or isinstance(field.kinds[0], _CHOICES):
        return Fault("missing", _("Choose your {field}.", field=field.spoken))
    return Fault("missing", _("Enter your {field}.", field=field.spoken))


def repeated(field: Field) -> Fault:
    """Given twice: two readers could disagree on which counts (ASVS 15.3.7)."""
    return Fault("invalid_format", _("Give your {field} only once.", field=field.spoken))


def unknown(nearest: str | None) -> Fault:
    """A field that does not exist is refused, not passed over: a typing error, or a try (flaw 43)."""
    if nearest:
        return Fault("unknown_field", _("There is no such field. Did you mean {nearest}?", nearest=nearest))
    return Fault("unknown_field", _("There is no such field. Leave it out."))


def unfit(field: Field, value: Any) -> Fault | None:
    """What no database takes, whatever the field's own limits are; None when there is nothing of the kind."""
    for part in _parts(value):
        if isinstance(part, str) and has_surrogate(part):
            return Fault("invalid_format", _("Your {field} holds a broken character. Remove it.", field=field.spoken))
        if isinstance(part, str) and "\0" in part and not field.secret:
            return Fault("invalid_format", _("Your {field} holds a NUL character. Remove it.", field=field.spoken))
        if _is_huge(part) and (part is not value or field.takes_numbers):
            return Fault("too_large", _("{field} is too large. Enter a smaller number.", field=field.title))
    return None


def _is_huge(part: Any) -> bool:
    return not math.isfinite(part) if isinstance(part, float) else isinstance(part, int) and abs(part) > LARGEST_INTEGER


def has_surrogate(text: str) -> bool:
    """Half of a pair: no character, and no encoder takes it."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def _parts(value: Any) -> list[Any]:
    """The value and everything in it."""
    found, waiting = [], [value]
    while waiting:
        part = waiting.pop()
        found.append(part)
        if isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part
    return found


def diagnose(field: Field, value: Any) -> Fault:
    """The fault of a value that msgspec would not convert."""
    return _judge(field, field.kinds, value) or _ill_formed(field)


def _judge(field: Field, kinds: Sequence[shapes.Type], value: Any) -> Fault | None:
    """No complaint if one of the kinds has none; else the one that knows most."""
    complaints = [_complaint(field, kind, value) for kind in kinds]
    if not complaints or None in complaints:
        return None
    return min((fault for fault in complaints if fault), key=lambda fault: fault.code == "wrong_type")


def _complaint(field: Field, kind: shapes.Type, value: Any) -> Fault | None:
    if isinstance(kind, _CHOICES) and isinstance(value, (str, int, float)):
        return _choice(field, kind, value)
    if isinstance(value, bool):
        return None if isinstance(kind, shapes.BoolType) else _wrong_type(field, kind)
    if isinstance(kind, _NUMBERS) and isinstance(value, (int, float)):
        return _number(field, kind, value)
    if isinstance(kind, shapes.StrType) and isinstance(value, str):
        return _text(field, kind, value)
    if isinstance(kind, LISTS) and isinstance(value, list):
        return _list(field, kind, value)
    if isinstance(kind, _FORMATS) and isinstance(value, str):
        return _ill_formed(field, _WORDS[type(kind)])
    if type(kind) not in _WORDS and isinstance(value, dict):
        return _ill_formed(field)
    return _wrong_type(field, kind)


def _choice(field: Field, kind: shapes.Type, value: Any) -> Fault | None:
    choices = kind.values if isinstance(kind, shapes.LiteralType) else [e.value for e in kind.cls]  # type: ignore[attr-defined]
    if value in choices:
        return None
    return Fault("not_a_choice", _("Choose one of these: {choices}.", choices=", ".join(map(str, choices))))


def _text(field: Field, kind: shapes.StrType, value: str) -> Fault | None:
    if kind.min_length is not None and len(value) < kind.min_length:
        return _too_short(field, kind.min_length) if value else missing(field)
    if kind.max_length is not None and len(value) > kind.max_length:
        return _too_long(field, kind.max_length)
    if kind.pattern is not None and not re.search(kind.pattern, value):
        return _ill_formed(field)
    return None


def _too_short(field: Field, least: int) -> Fault:
    return Fault(
        "too_short",
        plural(
            "{field} needs at least {count} character.",
            "{field} needs at least {count} characters.",
            field=field.title,
            count=least,
        ),
    )


def _too_long(field: Field, most: int) -> Fault:
    return Fault(
        "too_long",
        plural(
            "{field} can have at most {count} character.",
            "{field} can have at most {count} characters.",
            field=field.title,
            count=most,
        ),
    )


def _number(field: Field, kind: shapes.IntType | shapes.FloatType, value: float) -> Fault | None:
    if isinstance(kind, shapes.IntType) and isinstance(value, float):
        return _wrong_type(field, kind)
    for bound, is_beyond, code, sentence in (
        (kind.ge, operator.lt, "too_small", _("{field} must be {bound} or more.")),
        (kind.gt, operator.le, "too_small", _("{field} must be more than {bound}.")),
        (kind.le, operator.gt, "too_large", _("{field} must be {bound} or less.")),
        (kind.lt, operator.ge, "too_large", _("{field} must be less than {bound}.")),
    ):
        if bound is not None and is_beyond(value, bound):
            return Fault(code, Text(sentence.message, field=field.title, bound=bound))
    return _ill_formed(field) if kind.multiple_of else None


def _list(field: Field, kind: Any, value: list[Any]) -> Fault | None:
    if kind.min_length is not None and len(value) < kind.min_length:
        return Fault("too_short", _("Choose at least {least} of {field}.", field=field.spoken, least=kind.min_length))
    if kind.max_length is not None and len(value) > kind.max_length:
        return Fault("too_long", _("Choose at most {most} of {field}.", field=field.spoken, most=kind.max_length))
    kinds = plain_kinds(kind.item_type)
    return next((fault for item in value if (fault := _judge(field, kinds, item))), None)


def _wrong_type(field: Field, kind: shapes.Type) -> Fault:
    return Fault("wrong_type", _("{field} must be {kind}.", field=field.title, kind=_WORDS.get(type(kind), _OBJECT)))


def _ill_formed(field: Field, form: Text | None = None) -> Fault:
    if field.example:
        shown = _("Check your {field}: it should look like {example}.", field=field.spoken, example=field.example)
    elif form is not None:
        shown = _("{field} must be {kind}.", field=field.title, kind=form)
    else:
        shown = _("Check your {field}: it doesn't have the right form.", field=field.spoken)
    return Fault("invalid_format", shown)
