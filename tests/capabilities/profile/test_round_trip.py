"""Looking at one's profile and saving it unchanged changes nothing, whatever the host has declared."""

from __future__ import annotations

import enum
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from housekey import Housekey, UserMixin
from rig.apps import PASSWORD, QUICK
from rig.forms import untouched

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Extra(msgspec.Struct):
    town: str = "Jena"
    story: str = ""
    note: Annotated[str, Meta(max_length=80)] = ""
    born: date | None = None
    letters: bool = False
    age: Annotated[int, Meta(ge=0, le=200)] | None = None
    size: Literal["S", "M"] | None = None
    colour: Colour | None = None
    pay: Decimal | None = None
    tags: list[Annotated[str, Meta(max_length=40)]] = []
    numbers: list[int] = []
    days: list[Literal["Mon", "Tue"]] = []


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
profiles = st.fixed_dictionaries(
    {
        "town": words,
        "story": st.lists(words | st.just(""), max_size=4).map("\n".join),
        "born": st.none() | st.dates(date(1900, 1, 1)).map(str),
        "letters": st.booleans(),
        "age": st.none() | st.integers(0, 200),
        "size": st.sampled_from([None, "S", "M"]),
        "colour": st.sampled_from([None, "red", "blue"]),
        "pay": st.none() | st.decimals(0, 1000, places=2).map(str),
        "tags": st.lists(words, max_size=3),
        "numbers": st.lists(st.integers(-(10**6), 10**6), max_size=3),
        "days": st.lists(st.sampled_from(["Mon", "Tue"]), unique=True).map(sorted),
    }
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    app, db = Flask("host"), SQLAlchemy()
    url = f"sqlite:///{tmp_path_factory.mktemp('profile') / 'host.sqlite'}"
    app.config.update(QUICK, SECRET_KEY="of a test, more than 32 characters", SQLALCHEMY_DATABASE_URI=url)
    db.init_app(app)

    class User(UserMixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)
        town, born, letters = db.Column(db.String(80)), db.Column(db.Date), db.Column(db.Boolean)
        age, size, colour = db.Column(db.Integer), db.Column(db.String(1)), db.Column(db.Enum(Colour))
        story, note = db.Column(db.Text), db.Column(db.Text)
        pay, tags, numbers, days = db.Column(db.Numeric(10, 2)), *(db.Column(db.JSON) for _ in range(3))

    accounts = Housekey(app, db)
    accounts.registration_fields(Extra)
    with app.app_context():
        db.create_all()
    client = app.test_client()
    person = {"email": "ann@example.test", "password": PASSWORD}
    assert client.post("/account/api/register", json=person).status_code == 201
    return client


def profile(browser):
    return browser.get("/account/api/me").json["user"]["profile"]


@given(wanted=profiles)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_profile_that_is_saved_unchanged_stays_as_it_is(browser, wanted):
    answer = browser.patch("/account/api/me", json=wanted)
    assert answer.status_code == 200, answer.text
    before = profile(browser)
    form = untouched(browser.get("/account/profile").text)
    assert browser.post("/account/profile", data=form, headers=OURS).status_code == 303
    assert profile(browser) == before


def test_boxes_and_fields_of_a_list_can_all_be_emptied(browser):
    browser.patch("/account/api/me", json={"tags": ["a"], "days": ["Mon"], "numbers": [1]})
    form = untouched(browser.get("/account/profile").text)
    for name in ("tags", "days", "numbers"):
        form.setlist(name, [""])
    assert browser.post("/account/profile", data=form, headers=OURS).status_code == 303
    assert [profile(browser)[name] for name in ("tags", "days", "numbers")] == [[], [], []]


def test_a_long_text_is_asked_for_in_several_lines_and_a_short_one_in_one(browser):
    page = browser.get("/account/profile").text
    assert '<textarea id="hk-story" name="story"' in page
    assert '<input type="text" id="hk-note" name="note"' in page


def test_line_breaks_are_kept_as_they_were_typed_and_not_as_a_browser_sends_them(browser):
    form = untouched(browser.get("/account/profile").text)
    form["story"] = "\r\nOnce upon\r\n\r\na time\r"
    assert browser.post("/account/profile", data=form, headers=OURS).status_code == 303
    assert profile(browser)["story"] == "\nOnce upon\n\na time\n"
    form = untouched(browser.get("/account/profile").text)
    assert browser.post("/account/profile", data=form, headers=OURS).status_code == 303
    assert profile(browser)["story"] == "\nOnce upon\n\na time\n"
