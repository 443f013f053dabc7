"""What an input struct says about its fields, worked out once per struct.

A `Secret` is a text on the wire, so `wire_struct` is the same struct with `str` in its place: what both
faces read by and what OpenAPI shows (as `format: password, writeOnly`).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, TypeVar, Union, cast

import msgspec
from msgspec import NODEFAULT, UNSET, Meta, Struct
from msgspec import inspect as shapes

from housekey.errors import ConfigurationError
from housekey.kernel.secret import Secret
from housekey.kernel.texts import Text, language

S = TypeVar("S", bound=Struct)
_SECRET_ON_THE_WIRE = Annotated[str, Meta(extra_json_schema={"format": "password", "writeOnly": True})]
LISTS = (shapes.ListType, shapes.SetType, shapes.FrozenSetType, shapes.VarTupleType)
NUMBERS = (shapes.IntType, shapes.FloatType, shapes.DecimalType)


class FieldName(Text):
    """A field's title inside a sentence. English writes it small ("Enter your e-mail address."); other languages
    have rules of their own, so there it stays as the catalogue has it."""

    __slots__ = ()

    def __str__(self) -> str:
        title = super().__str__()
        acronym = title[1:2].isupper()
        return title if acronym or not language.get().startswith("en") else title[:1].lower() + title[1:]


@dataclass(frozen=True, eq=False)
class Field:
    """One field of an input: `name` in Python, `json_name` in JSON, forms and faults; its `title`, and the
    title as `spoken` inside a sentence."""

    name: str
    json_name: str
    title: Text
    spoken: Text
    type: Any
    kinds: Sequence[shapes.Type]
    example: str | None
    required: bool
    nullable: bool
    unsettable: bool
    secret: bool

    @property
    def is_flag(self) -> bool:
        return any(isinstance(kind, shapes.BoolType) for kind in self.kinds)

    @property
    def is_list(self) -> bool:
        return any(isinstance(kind, LISTS) for kind in self.kinds)

    @property
    def held(self) -> Sequence[shapes.Type]:
        """The kinds of its value, or of the items of its list."""
        return _held(self.kinds)

    @property
    def is_number(self) -> bool:
        """A number, or a list of numbers."""
        return all(isinstance(kind, NUMBERS) for kind in self.held)

    @property
    def takes_numbers(self) -> bool:
        return any(isinstance(kind, NUMBERS) for kind in self.kinds)


@lru_cache(maxsize=512)
def fields_of(struct: type[Struct]) -> Sequence[Field]:
    """The fields of an input struct, in their order. Raises `ConfigurationError` for types that can't be read."""
    return tuple(_field(struct, info) for info in msgspec.structs.fields(struct))


@lru_cache(maxsize=512)
def wire_struct(struct: type[Struct]) -> type[Struct]:
    """The struct as it travels: every `Secret` a text, unknown fields refused."""
    found = [(info.name, _wire_type(info), _copied(info)) for info in msgspec.structs.fields(struct)]
    about = {"__doc__": struct.__doc__} if struct.__doc__ else {}
    return msgspec.defstruct(
        struct.__name__, found, namespace=about, kw_only=True, forbid_unknown_fields=True,
        module=f"{struct.__module__}.wire",  # OpenAPI tells structs of one name apart by their modules
    )  # fmt: skip


@lru_cache(maxsize=128)
def merge(base: type[S], extra: type[Struct]) -> type[S]:
    """A struct with the fields of both, a subclass of `base`: registration with the host's own fields.

    Refuses a name that `base` has already, in Python or in JSON: a host's field must never take the place of
    Housekey's own (flaw 43). The same two structs give the same result, so it may be asked for at each request.
    """
    taken = {name for info in msgspec.structs.fields(base) for name in (info.name, info.encode_name)}
    for info in msgspec.structs.fields(extra):
        if {info.name, info.encode_name} & taken:
            raise ConfigurationError(
                f"{extra.__name__}.{info.name} has the name of a field of {base.__name__}. Give yours another name."
            )
    added = [(info.name, info.type, _copied(info)) for info in msgspec.structs.fields(extra)]
    merged = msgspec.defstruct(base.__name__, added, bases=(base,), namespace=_checks(base, extra), kw_only=True)
    return cast("type[S]", merged)


@lru_cache(maxsize=128)
def without(struct: type[Struct], name: str) -> type[Struct]:
    """The same struct less one field, whose value is known already."""
    left = [(info.name, info.type, _copied(info)) for info in msgspec.structs.fields(struct) if info.name != name]
    return msgspec.defstruct(
        f"{struct.__name__}Without{name.title()}", left, namespace=_checks(struct, Struct), kw_only=True
    )


def _checks(base: type[Struct], extra: type[Struct]) -> dict[str, Any]:
    """`__post_init__` of both, which `defstruct` alone would lose."""
    checks: list[Callable[[Any], None]] = [
        check for struct in (base, extra) if (check := getattr(struct, "__post_init__", None)) is not None
    ]

    def check_all(self: Any) -> None:
        for check in checks:
            check(self)

    about: dict[str, Any] = {"__doc__": base.__doc__, "__module__": base.__module__}
    return {**about, "__post_init__": check_all} if checks else about


def _copied(info: msgspec.structs.FieldInfo) -> Any:
    if info.default is not NODEFAULT:
        return msgspec.field(name=info.encode_name, default=info.default)
    if info.default_factory is not NODEFAULT:
        return msgspec.field(name=info.encode_name, default_factory=info.default_factory)
    return msgspec.field(name=info.encode_name)


def _field(struct: type[Struct], info: msgspec.structs.FieldInfo) -> Field:
    wire = _wire_type(info)
    schema: dict[str, Any] = {}
    kinds = plain_kinds(shapes.type_info(wire), schema)
    if any(isinstance(kind, shapes.CustomType) for kind in _held(kinds)):
        raise ConfigurationError(f"{struct.__name__}.{info.name}: {info.type} can't be read from JSON or a form.")
    title = schema.get("title") or info.encode_name.replace("_", " ").capitalize()
    return Field(
        name=info.name,
        json_name=info.encode_name,
        title=Text(title),
        spoken=FieldName(title),
        type=wire,
        kinds=[kind for kind in kinds if not isinstance(kind, shapes.NoneType)],
        example=next(iter(schema.get("examples") or ()), None),
        required=info.required,
        nullable=any(isinstance(kind, shapes.NoneType) for kind in kinds),
        unsettable=info.default is UNSET,
        secret=on_the_wire(info.type) != info.type,
    )


def _wire_type(info: msgspec.structs.FieldInfo) -> Any:
    """A text that is needed is not empty, on either face, whether or not its type says so."""
    wire = on_the_wire(info.type)
    kinds = plain_kinds(shapes.type_info(wire))
    may_be_empty = all(isinstance(kind, shapes.StrType) and kind.min_length is None for kind in kinds)
    return Annotated[wire, Meta(min_length=1)] if info.required and may_be_empty else wire


def plain_kinds(shape: shapes.Type, schema: dict[str, Any] | None = None) -> list[shapes.Type]:
    """The plain types that a type allows; `schema` gathers the members that its `Meta` give."""
    if isinstance(shape, shapes.Metadata):
        if schema is not None:
            schema.update(shape.extra_json_schema or {})
        return plain_kinds(shape.type, schema)
    if isinstance(shape, shapes.UnionType):
        return [kind for part in shape.types for kind in plain_kinds(part, schema)]
    return [shape]


def _held(kinds: Sequence[shapes.Type]) -> list[shapes.Type]:
    """The kinds themselves, and in the place of a list the kinds of its items."""
    return [held for kind in kinds for held in (plain_kinds(kind.item_type) if isinstance(kind, LISTS) else [kind])]


def on_the_wire(kind: Any) -> Any:
    """The type with `str` in place of `Secret`."""
    if kind is Secret:
        return _SECRET_ON_THE_WIRE
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is Annotated:
        inner = on_the_wire(parts[0])
        return kind if inner is parts[0] else Annotated[(inner, *parts[1:])]
    if origin in (Union, types.UnionType):
        replaced = tuple(on_the_wire(part) for part in parts)
        return Union[replaced] if replaced != parts else kind  # noqa: UP007
    return kind
