"""A form that is interrupted by “Confirm that it's you” is kept, shown, and sent on by a click."""

import html
import re
import secrets
import tempfile
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf

from attacks.faces import cookie_name
from housekey import Housekey, fresh_login_required, require_aal
from housekey.capabilities.reauthentication.forms import LONGEST, is_secret
from housekey.kernel import clock
from rig.apps import PASSWORD, QUICK, log_in, registered, small_app
from rig.people import house_of
from rig.phones import with_phone
from rig.threads import together

OURS = {"Sec-Fetch-Site": "same-origin", "Referer": "http://localhost/pay"}
LATER = timedelta(minutes=16)
NOTE = {"to": "Bob & sons", "amount": "12", "tag": ["a", "b"], "empty": ""}


def made(*url, **settings):
    return with_views(small_app(*url, **settings))


def bare():
    """Without any extension yet."""
    app = Flask("bare", instance_path=tempfile.gettempdir())
    app.secret_key = secrets.token_hex(32)
    app.config.update(QUICK | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})
    return app


def with_views(app):
    app.sent = []
    app.add_url_rule("/token", view_func=generate_csrf)

    @app.get("/pay")
    def pay():
        return "a form"

    @app.post("/pay")
    @fresh_login_required
    def send():
        app.sent.append(request.form.to_dict(flat=False) | {"?": request.args.to_dict()})
        return "paid"

    @app.post("/two")
    @require_aal(2)
    def send_with_two():
        app.sent.append(request.form.to_dict(flat=False))
        return "two"

    return app


@pytest.fixture
def app():
    return made()


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def stale(app, time):
    """Ann's browser, a while after she logged in."""
    browser = registered(app)
    time.forward(LATER)
    return browser


def post(browser, path="/pay", data=None, **more):
    return browser.post(path, data=NOTE if data is None else data, headers=more.pop("headers", OURS), **more)


def way(answer):
    """Where the person goes on to after confirming."""
    assert answer.status_code in (302, 303)
    assert answer.location.startswith("/account/reauthenticate")
    found = re.search(r"next=([^&]*)", answer.location)
    return found and found[1].replace("%2F", "/").replace("%3F", "?")


def confirm(browser, target, password=PASSWORD):
    form = {"password": password, "next": target}
    return browser.post("/account/reauthenticate", data=form, headers=OURS)


def hidden(page):
    """The fields of the page's form, as a browser would send them."""
    form = page.text.split("hk-card")[1].split("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    fields = {}
    for name, value in found:
        fields.setdefault(html.unescape(name), []).append(html.unescape(value))
    return fields


def send_on(browser, path, **typed):
    """Click: the browser posts the form, and once more, with the same body, where a 307 sends it."""
    fields = hidden(browser.get(path)) | typed
    answer = browser.post(path, data=fields, headers=OURS)
    assert answer.status_code == 307
    return browser.post(answer.location, data=fields, headers=OURS)


def kept(app):
    house = house_of(app)
    with house.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(house.store.tables["kept_forms"]))


def test_a_form_that_was_interrupted_is_shown_and_sent_by_a_click(app, stale):
    path = way(post(stale, "/pay?from=here"))
    assert "is kept" in stale.get(f"/account/reauthenticate?next={path}").text
    answer = confirm(stale, path)
    assert (answer.status_code, answer.location) == (303, path)
    page = stale.get(path)
    assert "localhost/pay?from=here" in page.text
    assert "Bob &amp; sons" in page.text
    assert 'href="/pay"' in page.text, "the way back to the form"
    assert app.sent == [], "nothing is sent before the click"
    assert send_on(stale, path).text == "paid"
    assert len(app.sent) == 1
    assert {name: app.sent[0][name] for name in (*NOTE, "?")} == {
        "to": ["Bob & sons"], "amount": ["12"], "tag": ["a", "b"], "empty": [""], "?": {"from": "here"},
    }  # fmt: skip


def test_a_form_without_fields_is_kept_too(app, stale):
    path = way(post(stale, data=b"", content_type="application/x-www-form-urlencoded"))
    confirm(stale, path)
    assert send_on(stale, path).text == "paid"


def test_whoever_looks_and_goes_away_loses_nothing(app, stale):
    path = way(post(stale))
    confirm(stale, path)
    for _look in range(3):
        assert stale.get(path).status_code == 200
    assert send_on(stale, path).text == "paid"


def test_a_wrong_password_does_not_lose_it(app, stale):
    path = way(post(stale))
    assert confirm(stale, path, "wrong").status_code == 401
    confirm(stale, path)
    assert send_on(stale, path).text == "paid"


def test_a_click_that_comes_too_late_once_more_is_kept_once_more(app, stale, time):
    path = way(post(stale))
    confirm(stale, path)
    fields = hidden(stale.get(path))
    time.forward(LATER)
    answer = stale.post(path, data=fields, headers=OURS)
    assert answer.status_code == 307
    again = way(stale.post(answer.location, data=fields, headers=OURS))
    assert again != path
    confirm(stale, again)
    assert send_on(stale, again).text == "paid"


@pytest.mark.flaw(51)
def test_a_kept_form_is_sent_once(app, stale):
    path = way(post(stale))
    confirm(stale, path)
    fields = hidden(stale.get(path))
    assert stale.post(path, data=fields, headers=OURS).status_code == 307
    assert stale.post(path, data=fields, headers=OURS).status_code == 410
    assert stale.get(path).status_code == 410


@pytest.mark.flaw(35, 41)
@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}, {}],
    ids=["another site", "a sister site", "nobody knows"],
)
def test_another_site_plants_no_form(app, stale, headers):
    assert "forms" not in str(way(post(stale, headers=headers)))
    assert kept(app) == 0


@pytest.mark.flaw(47)
def test_nobody_elses_session_reads_or_sends_it(app, stale, time):
    path = way(post(stale))
    confirm(stale, path)
    bob = registered(app, "bob@example.test")
    anns_other = app.test_client()
    log_in(anns_other)
    for browser in (bob, anns_other):
        assert browser.get(path).status_code == 410
        assert browser.post(path, data=hidden(stale.get(path)), headers=OURS).status_code in (403, 410)
    assert app.test_client().get(path).status_code == 302
    assert send_on(stale, path).text == "paid"


@pytest.mark.flaw(59)
def test_a_kept_form_ends_with_its_session(app, stale):
    path = way(post(stale))
    assert kept(app) == 1
    stale.post("/account/api/logout", json={})
    assert kept(app) == 0
    log_in(stale)
    assert stale.get(path).status_code == 410


def test_a_kept_form_waits_half_an_hour(app, stale, time):
    path = way(post(stale))
    time.forward(timedelta(minutes=29))
    confirm(stale, path)
    assert stale.get(path).status_code == 200
    time.forward(timedelta(minutes=1))
    assert stale.get(path).status_code == 410


@pytest.mark.flaw(35)
def test_secrets_files_and_form_tokens_are_not_kept(app, stale):
    secret = {"new_password": "hunter2-hunter2", "card_number": "4111-1111", "csrf_token": "an-old-token"}
    data = {"to": "Bob", **secret, "photo": (BytesIO(b"a picture"), "cat.png")}
    path = way(post(stale, data=data, content_type="multipart/form-data"))
    confirm(stale, path)
    page = stale.get(path)
    for value in ("hunter2", "4111", "an-old-token", "a picture", "cat.png"):
        assert value not in page.text
    assert "choose them again" in page.text
    assert 'type="password" id="hk-new_password"' in page.text
    assert send_on(stale, path, new_password="typed again").text == "paid"
    assert app.sent[0]["new_password"] == ["typed again"]
    assert app.sent[0]["csrf_token"] != ["an-old-token"]


def test_what_is_kept_lies_sealed(app, stale):
    post(stale, data={"to": "somebody in particular"})
    house = house_of(app)
    with house.read() as connection:
        row = connection.execute(sa.select(house.store.tables["kept_forms"])).one()
    assert b"particular" not in b"".join(value for value in row if isinstance(value, bytes))


def test_further_names_that_are_never_kept_are_a_setting(time):
    app = made(HOUSEKEY_REAUTHENTICATION_NEVER_KEEP=["to"])
    browser = registered(app)
    time.forward(LATER)
    path = way(post(browser))
    assert "Bob" not in browser.get(path).text


@pytest.mark.flaw(12)
def test_a_form_that_is_too_large_is_not_kept_and_its_sender_goes_back_to_its_page(app, stale):
    assert way(post(stale, data={"to": "x" * LONGEST})) == "/pay"
    assert kept(app) == 0
    assert "forms" in way(post(stale, data={"to": "x" * (LONGEST - 500)}))


def test_of_one_session_only_the_newest_few_are_kept(app, stale, time):
    paths = []
    for number in range(7):
        time.forward(timedelta(seconds=1))
        paths.append(way(post(stale, data={"to": str(number)})))
    assert kept(app) == 5
    assert [stale.get(path).status_code for path in paths] == [410, 410, 200, 200, 200, 200, 200]


def test_programs_are_told_and_nothing_is_kept(app, stale):
    answer = post(stale, headers=OURS | {"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (401, "reauthentication_required")
    assert stale.post("/pay", json=NOTE).status_code == 401
    assert kept(app) == 0


def test_our_own_pages_keep_what_was_sent_to_them(app, stale):
    """Adding an authenticator app asks for a recent proof."""
    path = way(
        stale.post("/account/totp", data={}, headers=OURS | {"Content-Type": "application/x-www-form-urlencoded"})
    )
    confirm(stale, path)
    answer = stale.post(path, data=hidden(stale.get(path)), headers=OURS)
    assert answer.status_code == 307
    done = stale.post(answer.location, data={}, headers=OURS)
    assert done.status_code == 303
    assert "/account/totp/" in done.location


@pytest.mark.flaw(25, 51)
@pytest.mark.asvs("15.4.2")
def test_of_two_tabs_that_send_it_in_the_same_moment_one_does(database_url, time):
    app = made(database_url)
    browser = registered(app)
    time.forward(LATER)
    path = way(post(browser))
    confirm(browser, path)
    fields, name = hidden(browser.get(path)), cookie_name(app)
    tabs = [app.test_client() for _ in range(2)]
    for tab in tabs:
        tab.set_cookie(name, browser.get_cookie(name).value)
    codes = together(2, lambda n: tabs[n].post(path, data=fields, headers=OURS).status_code)
    assert sorted(codes) == [307, 410]
    assert kept(app) == 0


def test_whoever_has_no_factor_finds_the_form_after_setting_one_up(app, time):
    """`require_aal(2)` leads there; afterwards both steps are proved, and the form is sent."""
    browser = registered(app)
    asked = post(browser, "/two")
    assert (asked.status_code, asked.location) == (303, "/account/factors")
    assert "kept for half an hour" in browser.get("/account/factors").text
    phone = with_phone(browser)
    page = browser.get("/account/factors").text
    on = html.unescape(re.search(r'href="(/account/reauthenticate\?next=[^"]*)"', page)[1])
    path = unquote(on.partition("next=")[2])
    assert "is kept" in browser.get(on).text
    assert confirm(browser, path).location == "/account/login/challenge"
    second = browser.post("/account/login/challenge", data={"method": "otp", "code": phone.code()}, headers=OURS)
    assert second.location == path
    assert send_on(browser, path).text == "two"
    assert app.sent[0]["to"] == ["Bob & sons"]
    assert "Go on to it" not in browser.get("/account/factors").text


def test_another_site_plants_none_there_either(app):
    browser = registered(app)
    post(browser, "/two", headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    assert kept(app) == 0
    assert "half an hour" not in browser.get("/account/factors").text


@pytest.mark.parametrize("first", [CSRFProtect, Housekey], ids=["Flask-WTF first", "Housekey first"])
def test_flask_wtfs_guard_lets_it_pass_with_a_token_of_its_own(time, first):
    """Its token from before the step-up is dead, so the page brings a new one."""
    app = with_views(bare())
    for extend in sorted((CSRFProtect, Housekey), key=lambda one: one is not first):
        extend(app)
    browser = registered(app)
    time.forward(LATER)
    old = browser.get("/token").text
    assert post(browser).status_code == 400, "without a token nothing is kept"
    assert kept(app) == 0
    path = way(post(browser, data=NOTE | {"csrf_token": old}))
    confirm(browser, path)
    assert send_on(browser, path).text == "paid"
    assert app.sent[0]["csrf_token"] != [old]


@pytest.mark.parametrize(
    "name",
    ["password", "newPassword", "pw", "user-pin", "OTP", "api_key", "accessToken", "clientSecret", "code", "cvv2"],
)
def test_names_of_secrets(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["title", "pinned", "postcode", "zip_code", "author", "keyword", "compass"])
def test_names_of_no_secrets(name):
    assert not is_secret(name)
