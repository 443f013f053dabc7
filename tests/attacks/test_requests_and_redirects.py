"""What requests must not do: lead off the site, change something unasked, bring in what they should not."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from attacks.faces import ANN, BOB, FROM_OUR_PAGE, session_ids, who
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.audit import events
from rig.people import administrator, held, house_of, id_of

DATA = Path(__file__).parent.parent / "data"
HOSTILE = (DATA / "open_redirects.txt").read_text().splitlines()
SITE = "http://localhost/"


# Flaw 40


def leads_off(answer) -> bool:
    """Judged as a browser would: backslashes are slashes, control characters are dropped."""
    target = answer.headers.get("Location", "").replace("\\", "/")
    for character in map(chr, [*range(33), 127]):
        target = target.replace(character, "")
    found = urlsplit(urljoin(SITE, target))
    return (found.scheme, found.netloc) != ("http", "localhost")


@pytest.mark.flaw(40)
@pytest.mark.asvs("1.2.2", "3.7.2", "3.7.3")
@pytest.mark.parametrize("page", ["/account/login", "/account/register"])
def test_someone_already_logged_in_is_never_sent_off_the_site(app, page):
    client = registered(app)
    answers = {target: client.get(page, query_string={"next": target}) for target in HOSTILE}
    assert not [target for target, answer in answers.items() if answer.status_code >= 500 or leads_off(answer)]


@pytest.mark.flaw(40)
@pytest.mark.asvs("1.2.2")
def test_nobody_is_sent_off_the_site_by_logging_out(app):
    client = app.test_client()
    answers = {
        target: client.post("/account/logout", data={"next": target}, headers=FROM_OUR_PAGE) for target in HOSTILE
    }
    assert not [target for target, answer in answers.items() if answer.status_code >= 500 or leads_off(answer)]


@pytest.mark.flaw(40)
@pytest.mark.asvs("1.2.2")
@pytest.mark.parametrize("path", ["login", "reauthenticate"])
def test_nobody_is_sent_off_the_site_by_logging_in_or_proving_again(app, path):
    client = registered(app)
    body = {"identifier": ANN, "password": PASSWORD}
    for target in HOSTILE[::7]:
        answer = client.post(f"/account/{path}", data={**body, "next": target}, headers=FROM_OUR_PAGE)
        assert answer.status_code == 303, target
        assert not leads_off(answer), target


@pytest.mark.asvs("4.2.5")
@pytest.mark.parametrize("length", [2001, 4097, 40_000])
@pytest.mark.parametrize("path", ["login", "reauthenticate", "register", "logout"])
def test_a_page_that_is_too_far_to_go_on_to_keeps_nobody_from_what_they_came_for(app, path, length):
    client = registered(app)
    body = {"identifier": ANN, "email": BOB, "password": PASSWORD, "next": "/" + "x" * length}
    answer = client.post(f"/account/{path}", data=body, headers=FROM_OUR_PAGE)
    assert answer.status_code == 303, answer.text
    assert not leads_off(answer)


@pytest.mark.flaw(40)
def test_nobody_is_sent_off_the_site_by_registering(app):
    for number, target in enumerate(HOSTILE[::11]):
        body = {"email": f"user{number}@example.test", "password": PASSWORD, "next": target}
        answer = app.test_client().post("/account/register", data=body, headers=FROM_OUR_PAGE)
        assert answer.status_code == 303, target
        assert not leads_off(answer), target


@pytest.mark.flaw(40)
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Referer", "Origin"])
def test_no_header_of_the_request_makes_a_redirect_lead_elsewhere(app, header):
    hostile = "evil.example" if "Host" in header else "https://evil.example/page"
    paths = ["/private", "/account/", "/account/password", "/.well-known/change-password", "/account/logout"]
    answers = [app.test_client().get(path, headers={header: hostile}) for path in paths]
    answers += [app.test_client().post(path, headers={header: hostile, **FROM_OUR_PAGE}) for path in paths]
    assert not [answer for answer in answers if "evil" in urlsplit(answer.headers.get("Location", "")).netloc]


# Flaw 41


def everything(app: Flask) -> dict[str, list]:
    """All rows of all tables, but for when a session was last seen."""
    house = house_of(app)
    with house.read() as connection:
        found = {
            name: connection.execute(sa.select(table)).mappings().all() for name, table in house.store.tables.items()
        }
    return {
        name: [{k: v for k, v in row.items() if k != "last_seen_at"} for row in rows] for name, rows in found.items()
    }


def everything_but_the_log(app: Flask) -> dict[str, list]:
    return {name: rows for name, rows in everything(app).items() if not name.startswith("audit_")}


@pytest.mark.flaw(41)
@pytest.mark.asvs("3.5.3")
def test_no_get_changes_anything(app):
    """Not even for an administrator, and with everything that a link could bring along. What is left is the log: that
    somebody's data was taken along, and who was refused a page."""
    admin = administrator(app)
    places = {"user_id": id_of(app, "root@example.test"), "session_id": session_ids(admin)[0], "filename": "x"}
    before = everything_but_the_log(app)
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("housekey") and not rule.rule.endswith("/export"):
            path = rule.rule
            for place in rule.arguments:
                path = path.replace(f"<{place}>", str(places.get(place))).replace(f"<path:{place}>", "x")
            for query in ("", "?password=x&disabled=on&roles=&next=/&_method=POST&_method=DELETE"):
                answer = admin.get(path + query)
                assert answer.status_code < 500, path
    assert who(admin) == "root"
    assert everything_but_the_log(app) == before
    assert set(events(app)) <= {"UserRegistered", "LoggedIn", "RoleChanged", "RoleGranted", "AccessRefused"}


PLACE = re.compile(r"{(\w+)}")


FITTING = {"user_id": "1", "passkey_id": "x" * 22}


def calls(app: Flask) -> list[tuple[str, str]]:
    """Every call of the API that changes something."""
    document = app.test_client().get("/account/api/openapi.json").json
    return [
        (method.upper(), "/account/api" + PLACE.sub(lambda place: FITTING.get(place[1], "x"), path))
        for path, methods in document["paths"].items()
        for method in methods
        if method in ("post", "patch", "put", "delete")
    ]


@pytest.mark.flaw(41)
@pytest.mark.asvs("3.5.2")
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "text/json", "", "application/json5"]
)
def test_json_in_a_disguise_that_a_form_could_send_is_refused_everywhere(app, kind):
    admin = administrator(app)
    admin.set_cookie("host", "anything")
    before = everything(app)
    for method, path in calls(app):
        body = b'{"identifier": "root@example.test", "password": "correct horse battery staple", "disabled": true}'
        answer = admin.open(
            path, method=method, data=body, content_type=kind, headers={"Origin": "https://evil.example"}
        )
        assert answer.status_code in (403, 415), (method, path, answer.text)
    assert who(admin) == "root"
    assert everything(app) == before


@pytest.mark.flaw(41)
@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize(
    "sign", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_another_sites_form_or_script_changes_nothing_anywhere(app, sign):
    admin = administrator(app)
    before = everything(app)
    paths = {rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods and "/api/" not in rule.rule}
    for path in paths:
        target = path.replace("<user_id>", str(id_of(app, "root@example.test"))).replace("<session_id>", "x")
        answer = admin.post(target, data={"identifier": BOB, "password": PASSWORD, "email": BOB}, headers=sign)
        assert answer.status_code in (303, 403, 404), (path, answer.status_code)  # 303: the page for who is logged in
    for method, path in calls(app):
        assert admin.open(path, method=method, json={"password": PASSWORD}, headers=sign).status_code == 403, path
    assert who(admin) == "root"
    assert everything(app) == before


@pytest.mark.flaw(41)
@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("path", ["/account/login", "/account/register"])
def test_nobody_is_logged_in_to_the_attackers_account_by_another_sites_form(app, path):
    registered(app)
    victim = app.test_client()
    body = {"identifier": ANN, "email": BOB, "password": PASSWORD}
    for sign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        assert victim.post(path, data=body, headers=sign).status_code == 403
    assert who(victim) is None


def form_token(page) -> str:
    return re.search(r'name="_csrf" value="([^"]+)"', page.text)[1]


@pytest.mark.flaw(41)
@pytest.mark.parametrize("way", ["login", "register", "logout", "reauthenticate"])
def test_no_form_token_is_kept_when_somebody_comes_goes_or_proves_again(app, way):
    """One that was planted or read beforehand is worthless, in a browser whose headers don't tell either."""
    unsure, body = {"Origin": "null"}, {"identifier": ANN, "password": PASSWORD}
    registered(app)
    browser = app.test_client()
    if way in ("logout", "reauthenticate"):
        log_in(browser)
    before = form_token(browser.get(f"/account/{way}"))
    body |= {"email": BOB} if way == "register" else {}
    assert browser.post(f"/account/{way}", data={**body, "_csrf": before}, headers=unsure).status_code == 303
    if way == "logout":
        log_in(browser)
    again = {"current": "wrong", "new": "wrong"}
    assert browser.post("/account/password", data={**again, "_csrf": before}, headers=unsure).status_code == 403
    after = form_token(browser.get("/account/password"))
    assert browser.post("/account/password", data={**again, "_csrf": before}, headers=unsure).status_code == 403
    assert browser.post("/account/password", data={**again, "_csrf": after}, headers=unsure).status_code == 422


# Flaw 42


@pytest.mark.flaw(42)
@pytest.mark.asvs("1.2.1")
@pytest.mark.parametrize(
    "ending", ["\r\n", "\n", "\r", "%0d%0a", "%E5%98%8A%E5%98%8D", "\u560a\u560d", "\u2028", "\x85"]
)
def test_no_line_end_gets_into_a_header(app, ending):
    evil = f"/{ending}Set-Cookie: planted=1{ending}{ending}<script>"
    body = {"email": BOB, "identifier": BOB, "name": f"Bob{ending}Planted: 1", "password": PASSWORD, "next": evil}
    client = app.test_client()
    answers = [
        client.post(f"/account/{path}", data=body, headers=FROM_OUR_PAGE)
        for path in ("register", "login", "reauthenticate", "profile", "logout")
    ]
    answers += [client.get("/account/login", query_string={"next": evil}), client.get("/account/api/" + evil)]
    for answer in answers:
        assert answer.status_code < 500
        assert "planted" not in " ".join(answer.headers.getlist("Set-Cookie"))
        assert not [v for _, v in answer.headers if "\r" in v or "\n" in v]


# Flaw 43


SMUGGLED = {
    "id": 1, "user_id": 1, "is_admin": True, "admin": True, "roles": ["admin"], "role": "admin",
    "permissions": ["users:manage"], "disabled": False, "disabled_at": None, "email_verified": True,
    "email_verified_at": "2026-01-01T00:00:00Z", "verified_at": "2026-01-01T00:00:00Z", "security_version": 9,
    "created_at": "2000-01-01T00:00:00Z", "__class__": "x",
}  # fmt: skip


@pytest.mark.flaw(43)
@pytest.mark.asvs("15.3.3")
@pytest.mark.parametrize("name", SMUGGLED)
def test_nothing_that_is_not_asked_for_is_taken_from_the_body_of_a_registration(app, face, name):
    administrator(app)
    value = SMUGGLED[name] if face.name == "json" else str(SMUGGLED[name])
    answer = face.register(app.test_client(), BOB, **{name: value})
    if answer.done:
        assert held(app, BOB) == []
        with house_of(app).read() as connection:
            accounts = house_of(app).store.tables["accounts"]
            bob = connection.execute(sa.select(accounts).where(accounts.c.user_id == id_of(app, BOB))).one()
        assert (bob.security_version, bob.disabled_at) == (1, None)
        assert bob.created_at.year > 2000
    else:
        assert answer.status == 422


@pytest.mark.flaw(43)
@pytest.mark.asvs("15.3.3")
@pytest.mark.parametrize("name", [*SMUGGLED, "email", "password", "auth_time", "aal"])
def test_nothing_that_is_not_ones_own_to_change_is_taken_from_the_body_of_a_profile(app, face, name):
    administrator(app)
    client = registered(app)
    before = everything(app)
    value = SMUGGLED.get(name, "x")
    if face.name == "json":
        assert client.patch("/account/api/me", json={name: value}).status_code == 422
    else:
        client.post("/account/profile", data={"time_zone": "", name: str(value)}, headers=FROM_OUR_PAGE)
    assert everything(app) == before


@pytest.mark.flaw(43)
def test_a_password_is_changed_for_the_one_who_asks_and_never_for_one_who_is_named(app, face):
    registered(app)
    thief = registered(app, BOB)
    face.send(thief, "change", {"current": PASSWORD, "new": "a password of the thief", "user_id": id_of(app), "id": 1})
    assert log_in(app.test_client()).status_code == 200


# Flaw 44


@pytest.mark.flaw(44)
@pytest.mark.asvs("2.3.2")
def test_while_registration_is_closed_nobody_registers_whatever_is_sent(face):
    app = small_app(HOUSEKEY_REGISTRATION_OPEN=False)
    answer = face.register(app.test_client())
    assert answer.status == 403
    assert app.test_client().get("/account/register").status_code == 403
    assert everything(app)["accounts"] == []


@pytest.mark.flaw(44)
def test_a_field_that_is_switched_off_is_not_taken(face):
    app = small_app(HOUSEKEY_REGISTRATION_USERNAME="off")
    answer = face.register(app.test_client(), username="ann")
    assert answer.done or answer.status == 422
    assert not face.log_in(app.test_client(), "ann").done


@pytest.mark.flaw(44)
@pytest.mark.asvs("2.2.2", "8.3.1")
def test_what_the_menu_hides_is_closed_in_the_handler_too(app, face):
    client = registered(app)
    assert "admin/users" not in client.get("/account/").text
    assert client.get("/account/admin/users").status_code == 403
    assert client.get("/account/api/admin/users").status_code == 403
    assert not face.send(client, "user", {"disabled": True}, place=str(id_of(app))).done
    assert who(client) == "ann"
