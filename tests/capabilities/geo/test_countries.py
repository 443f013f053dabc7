"""Countries of addresses: from a real file in the MaxMind DB format, and none without one."""

from __future__ import annotations

import builtins
import json
from datetime import timedelta

import pytest

from housekey.capabilities.geo.events import NewCountry
from housekey.errors import ConfigurationError
from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, small_app
from rig.mailed import operator
from rig.mmdb import write
from rig.people import administrator, heard, house_of, id_of

ANN = "ann@example.test"
SWISS, GERMAN, FRENCH, NOWHERE, SIX = "203.0.113.7", "198.51.100.7", "192.0.2.7", "192.0.2.200", "2001:db8::7"
NETWORKS = {
    "203.0.113.0/24": {"country": {"iso_code": "CH", "names": {"en": "Switzerland", "de": "Schweiz"}}},
    "198.51.100.0/24": {"country_code": "DE", "country_name": "Germany"},
    "192.0.2.0/25": {"country": "FR"},
    "2001:db8::/32": {"country": {"iso_code": "CH", "names": {}}},
    "10.0.0.0/8": {"country": {"iso_code": "Switzerland"}, "country_code": 7},
}


@pytest.fixture
def database(tmp_path):
    return str(write(tmp_path / "countries.mmdb", NETWORKS))


@pytest.fixture
def app(database):
    return small_app(HOUSEKEY_GEO_DATABASE=database, HOUSEKEY_LANGUAGES=["en", "de"])


@pytest.fixture
def every_app(database_url, database):
    return small_app(database_url, HOUSEKEY_GEO_DATABASE=database)


def come(browser, verb, address, **more):
    body = {"email": ANN} if verb == "register" else {"identifier": ANN}
    answer = browser.post(
        f"/account/api/{verb}", json={**body, "password": PASSWORD, **more}, environ_base={"REMOTE_ADDR": address}
    )
    assert answer.status_code in (200, 201), answer.text
    return browser


def registered_from(app, address=SWISS):
    return come(app.test_client(), "register", address)


def test_sessions_say_from_which_country_they_came(app):
    ann = registered_from(app)
    come(app.test_client(), "login", GERMAN)
    come(app.test_client(), "login", NOWHERE)
    found = ann.get("/account/api/sessions").json["sessions"]
    assert {session["address"]: session["country"] for session in found} == {
        SWISS: {"code": "CH", "name": "Switzerland"},
        GERMAN: {"code": "DE", "name": "Germany"},
        NOWHERE: None,
    }
    page = ann.get("/account/sessions").text
    assert f"Switzerland · {SWISS}" in page
    assert "Germany" in page


def test_in_the_readers_language(app):
    ann = registered_from(app)
    ann.patch("/account/api/me", json={"language": "de"})
    assert "Schweiz" in ann.get("/account/sessions").text


def test_history_and_activity_say_it_too(app):
    ann = registered_from(app)
    assert ann.get("/account/api/history").json["entries"][0]["country"] == {"code": "CH", "name": "Switzerland"}
    assert "Switzerland" in ann.get("/account/history").text
    root = administrator(app)
    entries = root.get("/account/api/admin/activity").json["entries"]
    assert "CH" in [entry["country"]["code"] for entry in entries if entry["country"]]
    assert "Switzerland" in root.get("/account/admin/activity").text
    assert "Switzerland" in root.get(f"/account/admin/users/{id_of(app)}").text


def test_a_notice_says_from_where(app):
    registered_from(app)
    come(app.test_client(), "login", SWISS)
    mail = Mailbox(app).last(to=ANN)
    assert mail.subject == "New login to your account at small"
    assert SWISS in mail.text
    assert "Country: Switzerland" in mail.text
    assert "Switzerland" in mail.html


@pytest.mark.asvs("6.3.5")
def test_a_known_browser_in_a_new_country_is_mailed_once(every_app):
    ann, happened = registered_from(every_app), heard(every_app, NewCountry)
    for address in (SWISS, GERMAN, GERMAN, SWISS, NOWHERE, SIX):
        come(ann, "login", address)
    assert [(event.country, event.new_device) for event in happened] == [("DE", False)]
    told = [mail.text for mail in Mailbox(every_app).to(ANN) if "new country" in mail.subject]
    assert len(told) == 1
    assert "Country: Germany" in told[0]
    assert "/account/undo?token=" in told[0]


def test_the_page_of_its_link_says_what_happened(app):
    come(registered_from(app), "login", GERMAN)
    link = Mailbox(app).last_link(to=ANN)
    assert "A login from a new country" in app.test_client().get(link, follow_redirects=True).text


def test_a_new_browser_in_a_new_country_is_one_mail(app):
    registered_from(app)
    come(app.test_client(), "login", GERMAN)
    subjects = [mail.subject for mail in Mailbox(app).to(ANN)]
    assert subjects == ["New login to your account at small"]


def test_where_new_browsers_are_not_told_new_countries_are(database):
    app = small_app(HOUSEKEY_GEO_DATABASE=database, HOUSEKEY_NOTICES_NEW_DEVICE=False)
    registered_from(app)
    come(app.test_client(), "login", GERMAN)
    assert [mail.subject for mail in Mailbox(app).to(ANN)] == ["Login from a new country to your account at small"]


def test_after_a_year_a_country_is_new_again(app):
    happened = heard(app, NewCountry)
    with clock.stopped() as time:
        ann = registered_from(app)
        come(ann, "login", GERMAN)
        time.forward(timedelta(days=401))
        come(ann, "login", SWISS)
        operator(app, "sweep")
        come(ann, "login", GERMAN)
    assert [event.country for event in happened] == ["DE", "DE"]


@pytest.mark.flaw(17)
@pytest.mark.parametrize("address", ["", "unix:", "no address", "10.1.2.3", "::1", "203.0.113.7, 1.1.1.1", "é" * 500])
def test_an_address_that_says_nothing_keeps_nobody_out(app, address):
    come(registered_from(app), "login", address)


def test_a_mapped_address_and_one_with_a_port_are_found(app):
    locate = house_of(app).locate
    assert [locate(f"::ffff:{SWISS}").code, locate(f"{SWISS}:4711").code, locate(SIX).code] == ["CH", "CH", "CH"]
    assert locate(FRENCH).name("de") == "FR"


def test_a_file_of_ipv4_knows_no_other_addresses(tmp_path):
    old = write(tmp_path / "four.mmdb", {"203.0.113.0/24": {"country_code": "CH"}}, ip_version=4)
    locate = house_of(small_app(HOUSEKEY_GEO_DATABASE=str(old))).locate
    assert (locate(SWISS).code, locate(SIX)) == ("CH", None)


def test_a_file_that_is_damaged_inside_breaks_no_login(database, caplog):
    with open(database, "r+b") as file:
        content = file.read()
        start = content.index(bytes(16), 100) + 16
        file.seek(start)
        file.write(b"\xff" * 20)
    app = small_app(HOUSEKEY_GEO_DATABASE=database)
    come(registered_from(app), "login", SWISS)
    assert "was not found" in caplog.text
    assert SWISS not in caplog.text


@pytest.mark.parametrize("content", [None, b"", b"this is no database"])
def test_a_file_that_cannot_be_read_stops_the_app_and_says_why(tmp_path, content):
    path = tmp_path / "countries.mmdb"
    if content is not None:
        path.write_bytes(content)
    app = small_app(HOUSEKEY_GEO_DATABASE=str(path))
    with pytest.raises(ConfigurationError, match="can't be read"):
        app.test_client().get("/account/login")
    found = {line["subject"]: line for line in json.loads(operator(app, "doctor", "--json").output)}
    assert found["HOUSEKEY_GEO_DATABASE"]["level"] == "fail"
    assert str(path) in found["HOUSEKEY_GEO_DATABASE"]["finding"]


def test_without_the_reader_the_cure_is_told(database, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "maxminddb":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    app = small_app(HOUSEKEY_GEO_DATABASE=database)
    monkeypatch.setattr(builtins, "__import__", without)
    assert "housekey[geo]" in operator(app, "doctor").output


def test_doctor_tells_how_old_the_file_is(tmp_path):
    for age, level in ((timedelta(days=3), "ok"), (timedelta(days=200), "warn")):
        made = int((clock.now() - age).timestamp())
        path = write(tmp_path / f"{level}.mmdb", NETWORKS, built_at=made)
        lines = json.loads(operator(small_app(HOUSEKEY_GEO_DATABASE=str(path)), "doctor", "--json").output)
        assert {line["subject"]: line["level"] for line in lines}["HOUSEKEY_GEO_DATABASE"] == level


def test_without_a_file_nothing_is_shown_noted_or_read():
    app = small_app()
    ann = registered_from(app)
    assert ann.get("/account/api/sessions").json["sessions"][0]["country"] is None
    assert "HOUSEKEY_GEO_DATABASE" not in operator(app, "doctor").output
    assert house_of(app).locate(SWISS) is None
