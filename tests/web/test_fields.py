"""Structs merge without losing or replacing anything."""

from typing import Annotated

import msgspec
import pytest
from msgspec import Meta, Struct, field

from housekey.errors import ConfigurationError, InvalidInput
from housekey.kernel.secret import Secret
from housekey.web.fields import fields_of, merge, wire_struct
from housekey.web.inputs import read_json


class Register(Struct, kw_only=True):
    """Make an account."""

    email: str
    password: Secret
    username: str | None = None


class Extra(Struct, rename="camel"):
    home_town: Annotated[str, Meta(title="Home town")]
    pin: Secret | None = None
    hobbies: list[str] = field(default_factory=list)

    def __post_init__(self):
        if self.home_town == "Atlantis":
            raise ValueError("Atlantis sank.")


def test_a_merged_struct_has_the_fields_of_both():
    merged = merge(Register, Extra)
    body = b'{"email": "a@b.c", "password": "x", "homeTown": "Ulm", "pin": "1234"}'
    found = read_json(merged, body, "application/json")
    assert isinstance(found, Register)
    assert (found.email, found.home_town, found.pin, found.hobbies) == ("a@b.c", "Ulm", Secret("1234"), [])
    assert "1234" not in repr(found)


def test_the_same_two_structs_merge_into_the_same_one():
    assert merge(Register, Extra) is merge(Register, Extra)


def test_the_hosts_own_check_survives_the_merge():
    body = b'{"email": "a@b.c", "password": "x", "homeTown": "Atlantis"}'
    with pytest.raises(InvalidInput) as refused:
        read_json(merge(Register, Extra), body, "application/json")
    assert str(refused.value.fields[""][0].text) == "Atlantis sank."


def test_checks_of_both_run():
    class Base(Struct):
        a: int

        def __post_init__(self):
            self.a += 1

    class More(Struct):
        b: int

        def __post_init__(self):
            self.b = self.a * 10

    merged = merge(Base, More)(a=1, b=0)
    assert (merged.a, merged.b) == (2, 20)


@pytest.mark.parametrize("clash", [("email", None), ("mail", "email"), ("password", "pass_word")])
def test_a_hosts_field_never_takes_the_place_of_ours(clash):
    name, json_name = clash
    extra = msgspec.defstruct("Extra", [(name, str, field(name=json_name, default=""))])
    with pytest.raises(ConfigurationError, match=f"Extra.{name} has the name of a field of Register"):
        merge(Register, extra)


def test_titles_are_made_from_names_where_none_is_given():
    titles = {field.name: str(field.title) for field in fields_of(merge(Register, Extra))}
    assert (titles["home_town"], titles["username"]) == ("Home town", "Username")


def test_acronyms_keep_their_capitals_in_a_sentence():
    class Codes(Struct):
        code: Annotated[str, Meta(title="TOTP code")]

    with pytest.raises(InvalidInput) as refused:
        read_json(Codes, b"{}", "application/json")
    assert str(refused.value.fields["code"][0].text) == "Enter your TOTP code."


def test_on_the_wire_a_secret_is_a_text_that_is_only_written():
    wire = wire_struct(Extra)
    schema = msgspec.json.schema(wire)["$defs"]["Extra"]["properties"]["pin"]
    assert schema["anyOf"][0] == {"type": "string", "format": "password", "writeOnly": True}


def test_a_type_that_cannot_be_read_is_told_to_the_developer():
    class Odd(Struct):
        secrets: list[Secret]
        thing: object

    with pytest.raises(ConfigurationError, match=r"Odd\.secrets"):
        fields_of(Odd)
