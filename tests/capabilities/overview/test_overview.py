"""The overview says at a glance what protects the account and what is missing, worst first."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.security import generate_password_hash

from housekey import Capability, Housekey, MenuItem, UserMixin
from housekey.capability import LEVELS, OverviewItem
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.login.factors import firsts
from rig.apps import PASSWORD, QUICK, log_in, registered, small_app
from rig.people import administrator, house_of, id_of

HTML = {"Accept": "text/html"}


def lines(page):
    """Level and words of each line of the page."""
    found = []
    for item in re.findall(r'<li class="hk-row">(.*?)</li>', page, re.S):
        level = re.search(r"hk-level hk-(\w+)", item)[1]
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", item)).strip()
        found.append((level, words))
    return found


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def ann(app):
    with clock.stopped(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        return registered(app, name="Ann")


@pytest.fixture(autouse=True)
def today():
    with clock.stopped(datetime(2026, 3, 1, 12, 5, tzinfo=UTC)) as now:
        yield now


def overview(client):
    answer = client.get("/account/")
    assert answer.status_code == 200
    return lines(answer.text)


def test_nobody_is_sent_to_log_in(app):
    answer = app.test_client().get("/account/", headers=HTML)
    assert answer.location == "/account/login?next=%2Faccount%2F"


def test_a_new_account_is_well_protected_and_says_so_calmly(ann):
    page = ann.get("/account/").text
    assert "Your account is well protected" in page
    assert "Logged in as Ann" in page
    assert overview(ann) == [
        (
            "info",
            "Note: E-mail address ann@example.test isn&#39;t confirmed yet. "
            "Confirm it, so that a mail can get you back in. Confirm it",
        ),
        (
            "info",
            "Note: Two-step login Off. A passkey, or an app on your phone, keeps others out, "
            "even if they know your password. Set up",
        ),
        ("good", "Good: Password Last changed on 1 March 2026 . Change"),
        ("good", "Good: Where you&#39;re logged in Only here. Look"),
    ]


def test_the_age_of_the_password_is_that_of_its_last_change(ann, today):
    today.forward(timedelta(days=3))
    log_in(ann)
    ann.post("/account/api/password/change", json={"current": PASSWORD, "new": "quite another long phrase"})
    assert 'Last changed on <time datetime="2026-03-04">4 March 2026</time>.' in ann.get("/account/").text


def test_other_places_are_counted_and_lead_to_their_list(app, ann):
    log_in(app.test_client())
    assert any("Here and in one other place." in words for _level, words in overview(ann))
    log_in(app.test_client(), remember=True)
    found = overview(ann)
    assert any("Here and in 2 other places." in words for _level, words in found)
    assert any("Sessions that outlive the browser: 1." in words for level, words in found if level == "info")
    assert 'href="/account/sessions"' in ann.get("/account/").text


def test_sessions_that_have_ended_are_not_counted(app, ann):
    other = app.test_client()
    log_in(other, remember=True)
    other.post("/account/api/logout")
    assert not any("other place" in words or "outlive" in words for _level, words in overview(ann))


def test_a_confirmed_address_is_good(app, ann):
    table = house_of(app).store.tables["identifiers"]
    with house_of(app).write() as unit:
        unit.execute(table.update().values(verified_at=clock.now()))
    assert ("good", "Good: E-mail address ann@example.test, confirmed.") in overview(ann)


def test_an_account_without_address_or_password_has_an_overview_too(app, ann):
    house, user_id = house_of(app), id_of(app)
    with house.write() as unit:
        unit.session.get(house.store.user_model, user_id).email = None
        unit.execute(house.store.tables["passwords"].delete())
    found = overview(ann)
    assert ("info", "Note: E-mail address None is kept for your account.") in found
    assert ("info", "Note: Password You have none on this site. Choose one") in found


def test_a_password_that_an_older_app_kept_is_one_too(sqlite_url):
    class Base(DeclarativeBase):
        pass

    class User(UserMixin, Base):
        __tablename__ = "people"
        id: Mapped[int] = mapped_column(primary_key=True)
        password_hash: Mapped[str | None]

    app = Flask("older")
    app.config.update(QUICK | {"SECRET_KEY": "k" * 40, "HOUSEKEY_CREATE_TABLES": True})
    app.config["HOUSEKEY_PASSWORDS_LEGACY_COLUMN"] = "password_hash"
    Housekey(app, engine=sa.create_engine(sqlite_url), user_model=User)
    client = app.test_client()
    client.get("/account/login")
    old = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1000")
    with house_of(app).write() as unit:
        unit.session.add(User(email="ann@example.test", password_hash=old))
    log_in(client)
    with house_of(app).write() as unit:
        unit.execute(unit.tables["passwords"].delete())
    assert any("You have one." in words for _level, words in overview(client))
    house = house_of(app)
    with house.read() as connection:
        beside = firsts(house, connection, id_of(app))
    assert [factor.method for factor in beside] == ["pwd"], "so it can be asked for beside a key"


def test_markup_in_an_address_or_a_name_stays_text(app):
    client = registered(app, "o'reilly&co@example.test", name="<b>Ann</b>")
    page = client.get("/account/").text
    assert "<b>Ann</b>" not in page
    assert "o&#39;reilly&amp;co@example.test" in page


def test_a_hosts_capability_adds_its_own_lines_worst_first():
    def say(house, identity):
        return [
            OverviewItem(level=level, title=_("Line {level}", level=level), text=_("For {name}.", name=identity.name))
            for level in ("good", "warn", "bad")
        ] + [
            OverviewItem(
                level="bad", title=_("Door"), text=_("Open."), action=MenuItem(label=_("Shut it"), endpoint="door")
            )
        ]

    app = Flask("mine")
    app.config.update(TESTING=True, SECRET_KEY="k" * 40, SQLALCHEMY_DATABASE_URI="sqlite://")
    app.config["HOUSEKEY_PASSWORDS_HASH_PROFILE"] = "cheap"
    app.config["HOUSEKEY_REGISTRATION_ALLOW_TEST_ADDRESSES"] = True
    app.config["HOUSEKEY_REGISTRATION_VERIFICATION"] = "off"
    Housekey(app, capabilities=[Capability(name="mine", overview=say)])
    app.add_url_rule("/door", "door", lambda: "")
    ann = registered(app, name="Ann")
    found = overview(ann)
    levels = [level for level, _words in found]
    assert levels == sorted(levels, key=LEVELS.index)
    assert found[0] == ("bad", "Important: Line bad For Ann.")
    assert found[1] == ("bad", "Important: Door Open. Shut it")
    assert found[2] == ("warn", "Could be better: Line warn For Ann.")
    assert 'href="/door"' in ann.get("/account/").text
    assert "Your account needs your attention" in ann.get("/account/").text


def test_the_users_come_first_among_the_lines_for_administrators():
    page = administrator(small_app()).get("/account/").text
    menu = re.findall(r'<a href="/account/(admin/[^"]*)"', page)
    assert menu[0] == "admin/users"
    assert len(menu) > 2


def test_the_overview_is_the_first_line_of_the_menu(ann):
    page = ann.get("/account/profile").text
    menu = re.findall(r'<a href="(/account/[^"]*)"', page)
    assert menu[:6] == [
        "/account/",
        "/account/profile",
        "/account/password",
        "/account/emails",
        "/account/factors",
        "/account/sessions",
    ]
    assert '<a href="/account/" aria-current="page">' in ann.get("/account/").text


@pytest.mark.parametrize(
    ("path", "marked"),
    [("/account/emails/change", ("/account/emails", "true")), ("/account/emails", ("/account/emails", "page"))],
)
def test_the_menu_marks_the_page_or_the_one_above_it(ann, path, marked):
    """The overview stands above none: else it would be marked everywhere."""
    assert set(re.findall(r'<a href="([^"]*)" aria-current="(\w+)"', ann.get(path).text)) == {marked}


def test_below_a_path_of_the_server_the_menu_marks_the_same_line(ann):
    page = ann.get("/account/emails/change", environ_overrides={"SCRIPT_NAME": "/site"}).text
    assert '<a href="/site/account/emails" aria-current="true"' in page
