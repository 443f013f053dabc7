"""What a client sent becomes a msgspec struct, or one `InvalidInput` that tells all faults at once.

One reading for both faces, so that a page and its JSON twin judge alike. What differs:

* JSON refuses fields that the struct lacks; forms and queries pass over them (the CSRF field, submit buttons),
  but nothing outside the struct is ever used (flaw 43).
* Forms know no types: "on" and "true" are true, a box that is absent is false, and a field left empty is absent
  (`None` where that is allowed, a fault where a value is needed).

Fields typed `X | UnsetType = UNSET` are those of a change: left out, they stay UNSET and nothing changes. A form that
wants to say "none of these boxes" sends one empty value beside them.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
from msgspec import UNSET, Struct
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header

from housekey.errors import Fault, InvalidInput, MalformedRequest, UnsupportedMediaType
from housekey.kernel.secret import Secret
from housekey.kernel.texts import Text
from housekey.store.paging import LONGEST_CURSOR
from housekey.web import faults
from housekey.web.fields import Field, fields_of, merge

__all__ = ["MAX_BODY_BYTES", "Secret", "merge", "read_form", "read_json", "read_kept", "read_query", "typed_values"]

S = TypeVar("S", bound=Struct)

MAX_BODY_BYTES = 64 * 1024
"""Far above the largest honest body of ours; a longer one is refused before it is read (flaw 12)."""
MAX_DEPTH = 16
"""Levels of nesting; ours have three. Deeper ones only mean to exhaust the stack (flaw 45)."""
MAX_UNKNOWN_TOLD = 10
"""Unknown fields named in one answer, so that a small request can't ask for a huge answer."""
Cursor = Annotated[str, msgspec.Meta(max_length=LONGEST_CURSOR, description="`next` of the page before this one.")]
_TRUE, _FALSE = {"on", "true", "yes", "1"}, {"", "off", "false", "no", "0"}
_LINE_END = re.compile(r"\r\n?")
"""As a form sends it, whatever was typed (HTML §4.10.22.4): only a secret counts exactly as received."""
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,40}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?")


def read_json(struct: type[S], body: bytes, content_type: str | None) -> S:
    """A JSON object as `struct`.

    Raises `UnsupportedMediaType` (anything but application/json: flaw 41), `MalformedRequest`, `InvalidInput`,
    and werkzeug's 413 for a body beyond `MAX_BODY_BYTES`.
    """
    given = parse_object(body, content_type)
    known = {field.json_name: field for field in fields_of(struct)}
    wrong = {name[:100]: faults.unknown(_nearest(name, known)) for name in _strangers(given, known)}
    values = {name: _whole(field, given[name]) for name, field in known.items() if name in given}
    return _build(struct, values, wrong)


def _strangers(given: Mapping[str, Any], known: Mapping[str, Field]) -> list[str]:
    return [name for name in given if name not in known][:MAX_UNKNOWN_TOLD]


def _nearest(name: str, known: Mapping[str, Field]) -> str | None:
    return next(iter(difflib.get_close_matches(name[:100], known, n=1)), None)


def _whole(field: Field, value: Any) -> Any:
    """JSON has one kind of number: 1.0 is the whole number 1."""
    whole = isinstance(value, float) and field.is_number and value.is_integer()
    return int(value) if whole else value


def parse_object(body: bytes, content_type: str | None) -> dict[str, Any]:
    """The JSON object in a body, judged strictly: see `read_json`."""
    kind, options = parse_options_header(content_type)
    if kind.lower() != "application/json" or options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType()
    if len(body) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge()
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_no_name_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise MalformedRequest() from None
    if not isinstance(value, dict) or _is_broken(value):
        raise MalformedRequest()
    return value


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 8259 §4: readers disagree on which of two equal names counts, so neither does."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _is_broken(value: Any) -> bool:
    """Too deep, or half of a surrogate pair somewhere; without recursion, so that no depth can hurt."""
    waiting = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        if depth > MAX_DEPTH or (isinstance(part, str) and faults.has_surrogate(part)):
            return True
        inner = [*part, *part.values()] if isinstance(part, dict) else part if isinstance(part, list) else ()
        waiting += [(each, depth + 1) for each in inner]
    return False


def read_form(struct: type[S], form: MultiDict[str, str]) -> S:
    """A form as `struct`. Raises `InvalidInput`."""
    return _read_texts(struct, form, boxes=True)


def read_query(struct: type[S], query: MultiDict[str, str]) -> S:
    """The query of a URL as `struct`, with its defaults for what is absent. Raises `InvalidInput`."""
    return _read_texts(struct, query, boxes=False)


def read_kept(struct: type[S], kept: Mapping[str, Any]) -> S:
    """What was read earlier and kept, by the names of its fields in Python, as `struct` is now: a site may ask for more
    than it did, or for something else. What it asks for no more is passed over. Raises `InvalidInput`."""
    return _build(struct, {field.json_name: kept[field.name] for field in fields_of(struct) if field.name in kept}, {})


def _read_texts(struct: type[S], texts: MultiDict[str, str], *, boxes: bool) -> S:
    values: dict[str, Any] = {}
    wrong: dict[str, Fault] = {}
    for field in fields_of(struct):
        sent = texts.getlist(field.json_name)
        if len(set(sent)) > 1 and not (field.is_list or field.is_flag):
            wrong[field.json_name] = faults.repeated(field)
        elif (value := _from_texts(field, sent, boxes=boxes)) is not UNSET:
            values[field.json_name] = value
    return _build(struct, values, wrong)


def _from_texts(field: Field, sent: Sequence[str], *, boxes: bool) -> Any:
    """The value behind what a form sent; UNSET if there is none."""
    if field.is_list and (sent or (boxes and not field.unsettable)):
        return [_typed(field, text) for text in sent if text]
    if field.is_flag and (sent or (boxes and not field.unsettable and not field.nullable)):
        return _flag(sent[-1] if sent else "")
    if not sent:
        return UNSET
    return _typed(field, sent[0]) if sent[0] else _emptied(field)


def _flag(text: str) -> bool | str:
    """A box, or a hidden field before it (then the last one counts)."""
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else text


def _typed(field: Field, text: str) -> Any:
    if field.is_number:
        bare = text.strip()
        if _WHOLE_NUMBER.fullmatch(bare):
            return int(bare)
        return float(bare) if _NUMBER.fullmatch(bare) else text
    return text if field.secret else _LINE_END.sub("\n", text)


def _emptied(field: Field) -> Any:
    """A field that was shown and left empty. In a change it is emptied; else it is the same as absent."""
    if field.nullable:
        return None
    return "" if field.unsettable else UNSET


def _build(struct: type[S], given: Mapping[str, Any], wrong: dict[str, Fault]) -> S:
    """Check every field, then make the struct."""
    values: dict[str, Any] = {}
    for field in fields_of(struct):
        if field.json_name in wrong:
            continue
        if field.json_name not in given:
            if field.required:
                wrong[field.json_name] = faults.missing(field)
            continue
        value = _checked(field, given[field.json_name])
        if isinstance(value, Fault):
            wrong[field.json_name] = value
        else:
            values[field.name] = value
    if wrong:
        raise InvalidInput({name: [fault] for name, fault in wrong.items()})
    return _made(struct, values)


def _checked(field: Field, value: Any) -> Any:
    """The value as the field wants it, or its fault."""
    fault = faults.unfit(field, value)
    if fault is not None:
        return fault
    try:
        converted = msgspec.convert(value, field.type)
    except msgspec.ValidationError:
        return faults.missing(field) if value == "" else faults.diagnose(field, value)
    return Secret(converted) if field.secret and converted is not None else converted


def _made(struct: type[S], values: Mapping[str, Any]) -> S:
    """A host's `__post_init__` refuses by ValueError, as msgspec teaches; its words go to the person."""
    try:
        return struct(**values)
    except ValueError as error:
        raise InvalidInput.of("", "invalid_format", Text(str(error))) from None


def typed_values(struct: type[Struct], form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, to be shown again beside its faults: only the struct's own fields, never a secret."""
    shown: dict[str, Any] = {}
    for field in fields_of(struct):
        sent = form.getlist(field.json_name)
        if field.secret:
            continue
        if field.is_list:
            shown[field.json_name] = [text for text in sent if text]
        elif field.is_flag:
            shown[field.json_name] = _flag(sent[-1] if sent else "") is True
        elif sent:
            shown[field.json_name] = sent[0]
    return shown
