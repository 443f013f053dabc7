"""What a client sent becomes a struct, or a full list of what is wrong; never an error of ours."""

import enum
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Meta, Struct, UnsetType
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from housekey.errors import InvalidInput, MalformedRequest, UnsupportedMediaType
from housekey.kernel.secret import Secret
from housekey.kernel.texts import speaking
from housekey.web.faults import CODES
from housekey.web.inputs import MAX_BODY_BYTES, read_form, read_json, read_query, typed_values

NAUGHTY = json.loads((Path(__file__).parents[1] / "data" / "naughty_strings.json").read_text())
KEY = "00000000-0000-4000-8000-000000000001"


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Address(Struct, forbid_unknown_fields=True):
    street: str


class Register(Struct, kw_only=True):
    email: Annotated[str, Meta(title="E-mail address", max_length=30)]
    password: Annotated[Secret, Meta(title="Password", max_length=20)]
    username: Annotated[str, Meta(title="Username", min_length=3)] | None = None
    remember: bool = False


class Everything(Struct, kw_only=True):
    text: Annotated[str, Meta(min_length=2, max_length=10)]
    code: Annotated[str, Meta(pattern=r"^[0-9]{6}$", examples=["123456"])] | None = None
    secret: Secret | None = None
    flag: bool = False
    age: Annotated[int, Meta(ge=0, le=150)] | None = None
    share: Annotated[float, Meta(gt=0, lt=1)] = 0.5
    even: Annotated[int, Meta(multiple_of=2)] = 2
    colour: Literal["red", "blue"] | None = None
    size: Size = Size.SMALL
    tags: Annotated[list[Annotated[str, Meta(max_length=5)]], Meta(min_length=1, max_length=3)] | UnsetType = UNSET
    numbers: list[int] = []
    born: date | None = None
    seen: datetime | None = None
    key: UUID | None = None
    note: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    motto: str | UnsetType | None = UNSET
    address: Address | None = None
    table: dict[str, int] | None = None


FIELDS = [field.encode_name for field in msgspec.structs.fields(Everything)]


def send(struct, value, content_type="application/json"):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_json(struct, body, content_type)


def fill(struct, *pairs, read=read_form):
    return read(struct, MultiDict(pairs))


def faults_of(call, *arguments, **named):
    with pytest.raises(InvalidInput) as refused:
        call(*arguments, **named)
    return {name: [fault.code for fault in found] for name, found in refused.value.fields.items()}


def sentences_of(call, *arguments, **named):
    with pytest.raises(InvalidInput) as refused:
        call(*arguments, **named)
    return {name: str(found[0].text) for name, found in refused.value.fields.items()}


# All at once, in words that help


def test_all_faults_are_told_at_once():
    sent = {"email": 5, "username": "ab", "remember": "yes", "is_admin": True}
    assert faults_of(send, Register, sent) == {
        "email": ["wrong_type"],
        "password": ["missing"],
        "username": ["too_short"],
        "remember": ["wrong_type"],
        "is_admin": ["unknown_field"],
    }


def test_each_face_says_what_to_do_in_the_same_words():
    wrong = {
        "email": "Enter your e-mail address.",
        "password": "Password can have at most 20 characters.",
        "username": "Username needs at least 3 characters.",
    }
    sent = {"email": "", "password": "x" * 21, "username": "ab"}
    assert sentences_of(send, Register, sent) == wrong
    assert sentences_of(fill, Register, *sent.items()) == wrong


@pytest.mark.parametrize(
    ("field", "value", "code", "sentence"),
    [
        ("text", None, "wrong_type", "Text must be a text."),
        ("text", "x", "too_short", "Text needs at least 2 characters."),
        ("text", "x" * 11, "too_long", "Text can have at most 10 characters."),
        ("text", "", "missing", "Enter your text."),
        ("text", "a\0b", "invalid_format", "Your text holds a NUL character. Remove it."),
        ("code", "12345", "invalid_format", "Check your code: it should look like 123456."),
        ("flag", 1, "wrong_type", "Flag must be true or false."),
        ("age", -1, "too_small", "Age must be 0 or more."),
        ("age", 151, "too_large", "Age must be 150 or less."),
        ("age", 1.5, "wrong_type", "Age must be a whole number."),
        ("age", True, "wrong_type", "Age must be a whole number."),
        ("age", "5", "wrong_type", "Age must be a whole number."),
        ("share", 0, "too_small", "Share must be more than 0."),
        ("share", 1, "too_large", "Share must be less than 1."),
        ("even", 3, "invalid_format", "Check your even: it doesn't have the right form."),
        ("even", 2**70, "too_large", "Even is too large. Enter a smaller number."),
        ("colour", "green", "not_a_choice", "Choose one of these: blue, red."),
        ("size", "huge", "not_a_choice", "Choose one of these: small, large."),
        ("size", {}, "wrong_type", "Size must be a text."),
        ("tags", [], "too_short", "Choose at least 1 of tags."),
        ("tags", ["a"] * 4, "too_long", "Choose at most 3 of tags."),
        ("tags", ["a", "abcdef"], "too_long", "Tags can have at most 5 characters."),
        ("tags", ["a", 5], "wrong_type", "Tags must be a text."),
        ("tags", {"a": 1}, "wrong_type", "Tags must be a list."),
        ("born", "31.1.2026", "invalid_format", "Born must be a date such as 2026-01-31."),
        ("born", 5, "wrong_type", "Born must be a date such as 2026-01-31."),
        ("seen", "yesterday", "invalid_format", "Seen must be a time such as 2026-01-31T12:00:00Z."),
        ("key", "x", "invalid_format", "Key must be a UUID."),
        ("note", "", "missing", "Enter your note."),
        ("address", {"street": 5}, "invalid_format", "Check your address: it doesn't have the right form."),
        ("address", "Main St", "wrong_type", "Address must be an object."),
        ("table", {"a": "b"}, "invalid_format", "Check your table: it doesn't have the right form."),
        ("table", {"a\0": 1}, "invalid_format", "Your table holds a NUL character. Remove it."),
    ],
)
def test_every_limit_has_its_code_and_its_cure(field, value, code, sentence):
    with pytest.raises(InvalidInput) as refused:
        send(Everything, {"text": "abc", field: value})
    assert {name: [(f.code, str(f.text)) for f in found] for name, found in refused.value.fields.items()} == {
        field: [(code, sentence)]
    }
    assert code in CODES


def test_what_is_to_be_chosen_is_asked_for_as_a_choice():
    class Choice(Struct):
        colour: Literal["red", "blue"]
        tags: Annotated[list[str], Meta(title="Tags", min_length=1)]

    asked = {"colour": "Choose your colour.", "tags": "Choose your tags."}
    assert sentences_of(send, Choice, {}) == asked
    assert sentences_of(fill, Choice, ("colour", ""), read=read_query) == asked
    assert faults_of(fill, Choice, ("colour", "")) == {"colour": ["missing"], "tags": ["too_short"]}


def test_other_languages_write_titles_as_their_catalogue_does():
    with speaking("de"):
        assert sentences_of(send, Register, {"password": "x"}) == {"email": "Bitte füllen Sie aus: E-Mail-Adresse."}


# JSON


def test_a_good_object_becomes_the_struct():
    found = send(Register, {"email": "ann@example.org", "password": "pa\0ss", "remember": True})
    assert found == Register(email="ann@example.org", password=Secret("pa\0ss"), remember=True)


def test_every_kind_of_value_arrives():
    sent = {
        "text": "abc", "age": 1.0, "born": "2026-01-31", "seen": "2026-01-31T12:00:00Z", "key": KEY,
        "size": "large", "colour": "red", "address": {"street": "Main St"}, "motto": None, "secret": None,
    }  # fmt: skip
    found = send(Everything, sent)
    assert found.age == 1
    assert (found.born, found.seen) == (date(2026, 1, 31), datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert (found.key, found.size, found.address) == (UUID(KEY), Size.LARGE, Address("Main St"))
    assert (found.motto, found.note, found.secret) == (None, UNSET, None)


def test_a_struct_with_a_password_shows_none_of_it():
    assert "hunter2" not in repr(send(Register, {"email": "a@b.c", "password": "hunter2"}))


def test_fields_that_nobody_declared_cannot_be_smuggled_in():
    sent = {"email": "a@b.c", "password": "x", "is_admin": True, "user_id": 1, "emial": "x"}
    assert sentences_of(send, Register, sent) == {
        "is_admin": "There is no such field. Leave it out.",
        "user_id": "There is no such field. Leave it out.",
        "emial": "There is no such field. Did you mean email?",
    }


def test_a_flood_of_unknown_fields_gets_a_short_answer():
    found = faults_of(send, Register, {"email": "a@b.c", "password": "x"} | {f"{n:03}" * 60: 1 for n in range(200)})
    assert len(found) == 10
    assert max(map(len, found)) <= 100


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data",
     "application/jsonp", "text/plain;application/json", "application/json; charset=utf-16"],
)  # fmt: skip
def test_json_under_another_name_is_refused(content_type):
    with pytest.raises(UnsupportedMediaType):
        send(Register, {"email": "a@b.c", "password": "x"}, content_type)


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=UTF-8"])
def test_json_under_its_own_name_is_read(content_type):
    assert send(Register, {"email": "a@b.c", "password": "x"}, content_type).email == "a@b.c"


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"null", b"5", b'"text"', b"[]", b"[{}]", b"true", b"{", b'{"email"}', b"{} {}", b"{'email': 1}",
        b"\xff", b'{"email": "\xff"}', b"\xef\xbb\xbf{}", '{"email": "ä"}'.encode("latin-1"), "{}".encode("utf-16"),
        b'{"email": "\\ud800"}', b'{"\\udfff": 1}', b'{"email": ["\\ud800"]}', b'{"email": "\\ud800\\u0041"}',
        b'{"email": NaN}', b'{"age": Infinity}', b'{"age": -Infinity}', b'{"age": ' + b"9" * 5000 + b"}",
        b'{"email": "a@b.c", "email": "eve@b.c"}', b'{"a": {"b": 1, "b": 2}}',
        b"[" * 60_000, b'{"a":' * 10_000, b'{"a":' * 500 + b"1" + b"}" * 500, b'{"a":' + b"[" * 20 + b"]" * 20 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_clean_json_object_is_malformed(body):
    with pytest.raises(MalformedRequest):
        send(Register, body)


def test_numbers_beyond_all_bounds_are_a_fault_of_their_field():
    assert faults_of(send, Everything, b'{"text": "abc", "share": 1e999}') == {"share": ["too_large"]}


def test_a_body_beyond_the_limit_is_refused_before_it_is_parsed():
    with pytest.raises(RequestEntityTooLarge):
        send(Register, b'{"password": "' + b"x" * MAX_BODY_BYTES + b'"}')


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.sampled_from(NAUGHTY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(field=st.sampled_from(FIELDS), value=JSON_VALUES)
def test_no_json_value_in_any_field_is_more_than_refused(field, value):
    try:
        found = send(Everything, {"text": "abc", field: value})
    except InvalidInput as refused:
        assert set(refused.fields) == {field}
        assert all(fault.code in CODES and str(fault.text) for fault in refused.fields[field])
    except MalformedRequest:
        assert not is_clean(value)
    else:
        assert is_clean(value)
        assert isinstance(found, Everything)


def is_clean(value):
    """Whether a JSON reader may give it to us at all."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return True


@given(body=st.binary() | st.text().map(str.encode) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_no_body_is_more_than_refused(body):
    with pytest.raises((MalformedRequest, InvalidInput)):
        send(Everything, body)


# Forms


def test_a_box_is_true_when_ticked_and_false_when_absent():
    base = [("email", "a@b.c"), ("password", "x")]
    assert fill(Register, *base, ("remember", "on")).remember is True
    assert fill(Register, *base).remember is False


@pytest.mark.parametrize(
    ("text", "value"),
    [("on", True), ("true", True), ("True", True), ("1", True), ("yes", True),
     ("off", False), ("false", False), ("0", False), ("no", False), ("", False)],
)  # fmt: skip
def test_boxes_may_be_written_in_several_ways(text, value):
    assert fill(Everything, ("text", "abc"), ("flag", text)).flag is value


def test_a_box_with_a_hidden_field_before_it_counts_as_ticked():
    assert fill(Everything, ("text", "abc"), ("flag", "0"), ("flag", "1")).flag is True


def test_a_box_ticked_by_default_can_be_unticked():
    class Terms(Struct):
        letter: bool = True

    assert fill(Terms).letter is False
    assert fill(Terms, read=read_query).letter is True


def test_an_optional_field_left_empty_is_none():
    assert fill(Register, ("email", "a@b.c"), ("password", "x"), ("username", "")).username is None


def test_the_word_null_is_a_name_like_any_other():
    assert fill(Register, ("email", "null"), ("password", "x"), ("username", "null")).username == "null"


def test_what_a_change_leaves_out_stays_and_what_it_empties_goes():
    assert fill(Everything, ("text", "abc")).motto is UNSET
    assert fill(Everything, ("text", "abc"), ("motto", "")).motto is None
    assert faults_of(fill, Everything, ("text", "abc"), ("note", "")) == {"note": ["missing"]}


def test_lists_come_from_repeated_fields():
    class Roles(Struct):
        roles: list[str] | UnsetType = UNSET
        levels: list[int] = []

    assert fill(Roles, ("roles", ""), ("roles", "admin"), ("roles", "editor"), ("levels", "3")) == Roles(
        roles=["admin", "editor"], levels=[3]
    )
    assert fill(Roles, ("roles", "")).roles == []
    assert fill(Roles).roles is UNSET


def test_numbers_and_times_are_read_from_text():
    found = fill(Everything, ("text", "abc"), ("age", " 42 "), ("share", "0.25"), ("born", "2026-01-31"), ("key", KEY))
    assert (found.age, found.share, found.born, found.key) == (42, 0.25, date(2026, 1, 31), UUID(KEY))


@pytest.mark.parametrize("text", ["forty", "4_2", "٣", "0x2a", "nan", "inf", "1e5", "4 2", "- 1"])
def test_what_is_no_number_is_told(text):
    assert faults_of(fill, Everything, ("text", "abc"), ("age", text)) == {"age": ["wrong_type"]}


@pytest.mark.parametrize("text", ["9" * 30, "-" + "9" * 30])
def test_a_number_too_long_for_a_database_is_told(text):
    assert faults_of(fill, Everything, ("text", "abc"), ("even", text)) == {"even": ["too_large"]}


def test_passwords_are_taken_exactly_as_typed():
    found = fill(Register, ("email", "a@b.c"), ("password", "  on \0 ß "))
    assert found.password.reveal() == "  on \0 ß "


def test_forms_pass_over_other_fields_and_never_use_them():
    found = fill(Register, ("email", "a@b.c"), ("password", "x"), ("_csrf", "t"), ("is_admin", "1"))
    assert not hasattr(found, "is_admin")


@pytest.mark.asvs("15.3.7")
@pytest.mark.parametrize("read", [read_form, read_query])
def test_a_field_given_twice_is_refused(read):
    twice = [("email", "ann@b.c"), ("email", "eve@b.c"), ("password", "x")]
    assert sentences_of(fill, Register, *twice, read=read) == {"email": "Give your e-mail address only once."}


@pytest.mark.parametrize("field", ["text", "secret", "colour", "code"])
def test_half_of_a_surrogate_pair_is_refused_everywhere(field):
    found = faults_of(fill, Everything, *{"text": "abc", field: "ab\ud800"}.items())
    assert set(found) == {field}


@given(
    field=st.sampled_from(FIELDS),
    texts=st.lists(st.text(st.characters(codec=None)) | st.sampled_from(NAUGHTY), min_size=1, max_size=3),
)
def test_no_text_in_any_form_field_is_more_than_refused(field, texts):
    pairs = [("text", "abc")] if field != "text" else []
    for read in (read_form, read_query):
        try:
            found = fill(Everything, *pairs, *((field, text) for text in texts), read=read)
        except InvalidInput as refused:
            assert set(refused.fields) == {field}
            assert all(fault.code in CODES and str(fault.text) for fault in refused.fields[field])
        else:
            assert isinstance(found, Everything)


def test_what_was_typed_is_shown_again_without_secrets():
    form = MultiDict([("email", "a@b.c"), ("password", "hunter2"), ("remember", "on"), ("_csrf", "token"), ("x", "y")])
    assert typed_values(Register, form) == {"email": "a@b.c", "remember": True}
    assert typed_values(Everything, MultiDict([("tags", ""), ("tags", "a")]))["tags"] == ["a"]


# A host's own checks


class Adult(Struct):
    age: int

    def __post_init__(self):
        if self.age < 18:
            raise ValueError("You must be 18 {or older}.")


def test_a_hosts_own_check_refuses_in_its_own_words():
    assert sentences_of(send, Adult, {"age": 5}) == {"": "You must be 18 {or older}."}
    assert send(Adult, {"age": 18}).age == 18
