"""Behind a proxy that ends TLS: what browsers get follows the site's own address, not what the app is asked by."""

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from hosts.apps import with_flask_sqlalchemy
from rig.apps import PASSWORD, registered

ANN = "ann@example.test"
SITE = "https://accounts.example.org"
FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "accounts.example.org",
}


def make_app(url, *, fixed):
    app = with_flask_sqlalchemy.make_app(url, HOUSEKEY_BASE_URL=SITE)
    if fixed:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
    return app


@pytest.fixture(params=[True, False], ids=["ProxyFix", "no ProxyFix"])
def app(request, sqlite_url):
    return make_app(sqlite_url, fixed=request.param)


def visitor(app, **options):
    """Comes by http from the proxy, as the proxy's own connection is."""
    client = app.test_client(**options)
    client.environ_base.update({f"HTTP_{key.upper().replace('-', '_')}": value for key, value in FORWARDED.items()})
    client.environ_base.update({"HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "10.0.0.1"})
    return client


def register(app, **headers):
    client = visitor(app)
    wanted = {"email": ANN, "password": PASSWORD}
    answer = client.post("/account/api/register", json=wanted, headers=headers)
    return client, answer


def test_all_cookies_are_secure_and_bound_to_the_host(app):
    _client, answer = register(app)
    assert answer.status_code == 201
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("__Host-housekey=") for cookie in cookies)
    for cookie in cookies:
        assert cookie.startswith("__Host-housekey")
        assert "; Secure" in cookie
        assert "; HttpOnly" in cookie
        assert "; Path=/" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie


def test_only_the_cookie_with_the_prefix_is_read(app):
    """A cookie without it may have been planted by http or by a sister host."""
    _client, answer = register(app)
    token = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-housekey=")).split("=")[1]
    token = token.partition(";")[0]

    def asked_with(name):
        return visitor(app, use_cookies=False).get("/account/api/me", headers={"Cookie": f"{name}={token}"}).status_code

    assert asked_with("__Host-housekey") == 200
    assert [asked_with(name) for name in ("housekey", "__Secure-housekey", "Host-housekey")] == [401] * 3


def test_a_form_from_the_site_is_taken_by_its_own_origin(app):
    register(app)
    form = {"identifier": ANN, "password": PASSWORD}
    assert visitor(app).post("/account/login", data=form, headers={"Origin": SITE}).status_code == 303


@pytest.mark.parametrize("origin", ["http://accounts.example.org", "https://evil.example", "http://127.0.0.1:8000"])
def test_a_form_from_elsewhere_is_refused(app, origin):
    form = {"identifier": ANN, "password": PASSWORD}
    assert visitor(app).post("/account/login", data=form, headers={"Origin": origin}).status_code == 403


def test_redirects_name_no_inner_host(app):
    for path in ("/private", "/account/", "/.well-known/change-password"):
        location = visitor(app).get(path, headers={"Accept": "text/html"}).location
        assert location.startswith("/account/"), location


@pytest.mark.asvs("4.1.3", "15.3.4")
def test_the_forwarded_address_counts_only_through_proxyfix(sqlite_url):
    for fixed, address in ((True, "203.0.113.9"), (False, "10.0.0.1")):
        app = make_app(sqlite_url, fixed=fixed)
        client = visitor(app)
        wanted = {"email": f"{fixed}@example.test", "password": PASSWORD}
        answer = client.post("/account/api/register", json=wanted)
        assert answer.json["session"]["address"] == address


@pytest.mark.asvs("4.1.3", "15.3.4")
def test_a_forged_address_in_front_of_the_proxys_own_is_not_believed(sqlite_url):
    app = make_app(sqlite_url, fixed=True)
    client = visitor(app)
    client.environ_base["HTTP_X_FORWARDED_FOR"] = "1.2.3.4, 203.0.113.9"
    answer = client.post("/account/api/register", json={"email": ANN, "password": PASSWORD})
    assert answer.json["session"]["address"] == "203.0.113.9"


def test_plain_http_elsewhere_than_on_localhost_is_refused_at_start(sqlite_url):
    from housekey.errors import ConfigurationError

    with pytest.raises(ConfigurationError, match="HOUSEKEY_INSECURE_HTTP"):
        with_flask_sqlalchemy.make_app(sqlite_url, HOUSEKEY_BASE_URL="http://accounts.example.org")


def test_without_an_address_the_cookie_is_that_of_localhost(sqlite_url):
    app = with_flask_sqlalchemy.make_app(sqlite_url)
    client = registered(app, ANN)
    name = app.extensions["housekey"].cookies.session
    assert not name.startswith("__")
    assert client.get_cookie(name)
