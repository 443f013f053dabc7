"""The cookies' names and attributes follow the site's own address, never the request."""

import pytest
import sqlalchemy as sa

from housekey.errors import ConfigurationError
from rig.apps import PASSWORD, registered, small_app

HTTPS = "https://example.org"


def set_by(app, email="ann@example.test"):
    """What logs somebody in, by the cookie's name."""
    person = {"email": email, "password": PASSWORD}
    answer = app.test_client().post("/account/api/register", json=person)
    return {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
def test_on_https_it_is_bound_to_the_host_and_never_sent_in_the_clear():
    line = set_by(small_app(HOUSEKEY_BASE_URL=HTTPS))["__Host-housekey"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(line.split("; "))
    assert "Domain" not in line


def test_behind_a_proxy_that_ends_tls_it_is_the_same():
    app = small_app(HOUSEKEY_BASE_URL=HTTPS)
    client = registered(app)
    assert client.get("/private", base_url="http://10.0.0.7:8000").status_code == 302  # the cookie is example's
    assert "Secure" in set_by(app, "bob@example.test")["__Host-housekey"]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"HOUSEKEY_COOKIE_DOMAIN": "example.org"}, "__Secure-housekey"),
        ({"HOUSEKEY_COOKIE_PATH": "/shop"}, "__Secure-housekey"),
        ({"HOUSEKEY_COOKIE_NAME": "visit"}, "visit"),
    ],
)
def test_a_domain_or_path_of_ones_own_drops_the_prefix(settings, name):
    lines = set_by(small_app(HOUSEKEY_BASE_URL=HTTPS, **settings))
    assert name in lines
    assert f"{name}-device" in lines
    for key, value in settings.items():
        word = {"HOUSEKEY_COOKIE_DOMAIN": "Domain", "HOUSEKEY_COOKIE_PATH": "Path"}.get(key)
        assert word is None or f"{word}={value}" in lines[name]


def test_only_the_one_name_is_read():
    app = small_app(HOUSEKEY_BASE_URL=HTTPS)
    client, thief = registered(app), app.test_client()
    token = client.get_cookie("__Host-housekey").value
    for name in ("housekey", "__Secure-housekey", "__Host-housekey-device", "session", "__host-housekey"):
        thief.set_cookie(name, token)
    assert thief.get("/private").status_code == 302
    thief.set_cookie("__Host-housekey", token)
    assert thief.get("/private").status_code == 200


def test_two_apps_on_two_ports_of_localhost_keep_apart(tmp_path):
    """Cookies of localhost are shared by all its ports, and the same app may be started twice."""
    names = [next(iter(set_by(small_app(f"sqlite:///{tmp_path}/{name}.sqlite")))) for name in ("one", "two")]
    assert names[0] != names[1]
    assert all(name.startswith("housekey-") for name in names)


@pytest.mark.parametrize("address", [None, "http://intranet.example.org", HTTPS])
def test_a_change_of_the_key_logs_nobody_out_and_loses_no_open_form(tmp_path, address):
    url, settings = f"sqlite:///{tmp_path}/app.sqlite", {"HOUSEKEY_BASE_URL": address, "HOUSEKEY_INSECURE_HTTP": True}
    there = {"base_url": address or "http://localhost"}
    before = small_app(url, **settings)
    browser = before.test_client()
    browser.post("/account/api/register", json={"email": "ann@example.test", "password": PASSWORD}, **there)
    form = browser.get("/account/profile", **there).text
    token = form.partition('name="_csrf" value="')[2].partition('"')[0]

    after = small_app(url, **settings, SECRET_KEY_FALLBACKS=[before.secret_key])
    again = after.test_client()
    again._cookies = browser._cookies
    old = {"headers": {"Origin": "null"}}  # a browser that says nothing better: the token alone decides
    assert again.get("/private", **there).status_code == 200
    assert again.post("/account/profile", data={"_csrf": token, "name": "Zed"}, **old, **there).status_code == 303
    assert again.get("/private", **there).text == "Zed"
    answer = again.post("/account/api/login", json={"identifier": "ann@example.test", "password": PASSWORD}, **there)
    assert answer.status_code == 200
    with after.app_context(), after.accounts.house.read() as connection:
        devices = sa.select(sa.func.count()).select_from(after.accounts.house.store.tables["devices"])
        assert connection.scalar(devices) == 1, "the browser is known still"


def test_plain_http_is_for_localhost_alone_unless_accepted():
    with pytest.raises(ConfigurationError, match="HOUSEKEY_INSECURE_HTTP"):
        small_app(HOUSEKEY_BASE_URL="http://example.org")
    for accepted in (
        {"HOUSEKEY_BASE_URL": "http://example.org", "HOUSEKEY_INSECURE_HTTP": True},
        {"HOUSEKEY_BASE_URL": "http://localhost:5000"},
        {"HOUSEKEY_BASE_URL": "http://127.0.0.1:5000/"},
    ):
        assert not any("Secure" in line for line in set_by(small_app(**accepted)).values())


@pytest.mark.parametrize(
    "address",
    ["example.org", "ftp://example.org", "https://", "https://example.org/shop", "https://example.org?a=1", "https://[",
     "https://ann@example.org", "https://example.org:port", "https://example.org/#", "//example.org"],
)  # fmt: skip
def test_an_address_that_is_none_is_told_at_the_start(address):
    with pytest.raises(ConfigurationError, match="HOUSEKEY_BASE_URL"):
        small_app(HOUSEKEY_BASE_URL=address)
