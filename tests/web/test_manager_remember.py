"""“Remember me”: the same cookie, outliving the browser, with deadlines of its own (flaw 5)."""

from datetime import timedelta

import flask_login
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import housekey
from housekey.errors import ConfigurationError
from housekey.kernel import clock
from web.hosts import ANN, TAUGHT, fill, make_host, user_named

DAY = timedelta(days=1)


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    return make_host(sqlite_url, request.param)


def set_cookie(answer, name):
    return next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{name}="))


def log_in(host, **options):
    """Logs in by a view that calls `login_user` with these options; answers the browser and the session cookie."""
    if "remembered" not in host.app.view_functions:
        host.app.add_url_rule("/remembered", "remembered", methods=["POST"], view_func=lambda: str(host.options(host)))
        host.app.add_url_rule("/is-remembered", "is_remembered", lambda: str(housekey.login_remembered()))
    host.options = lambda host: host.api.login_user(user_named(ANN), **options)
    browser = host.app.test_client()
    return browser, set_cookie(browser.post("/remembered"), host.cookie)


def test_without_it_the_cookie_ends_with_the_browser(host):
    browser, cookie = log_in(host)
    assert "Max-Age" not in cookie
    assert browser.get("/is-remembered").text == "False"
    assert browser.get_cookie("remember_token") is None


def test_with_it_the_same_one_cookie_stays_for_its_deadline(host):
    browser, cookie = log_in(host, remember=True)
    assert f"Max-Age={30 * 24 * 3600}" in cookie
    assert browser.get("/is-remembered").text == "True"
    assert browser.get_cookie("remember_token") is None
    assert host.browser().get("/is-remembered").text == "False"


@pytest.mark.parametrize(
    ("duration", "config", "lasts"),
    [
        (None, None, 30 * DAY),
        (timedelta(hours=5), None, timedelta(hours=5)),
        (None, 2 * DAY, 2 * DAY),
        (None, 3600, timedelta(hours=1)),
        (timedelta(hours=5), 2 * DAY, timedelta(hours=5)),
        (timedelta(days=10**6), None, 400 * DAY),
        (timedelta(seconds=90.5), None, timedelta(seconds=90)),
    ],
)
def test_it_lasts_as_long_as_the_host_says(host, duration, config, lasts):
    if config is not None:
        host.app.config["REMEMBER_COOKIE_DURATION"] = config
    with clock.stopped() as time:
        browser, cookie = log_in(host, remember=True, duration=duration)
        assert f"Max-Age={int(lasts.total_seconds())}" in cookie
        step = lasts / 10 if duration is None and config is None else lasts - timedelta(seconds=1)
        for _ in range(int(lasts // step)):
            assert browser.get("/private").text == "Ann"
            time.forward(step)
        time.forward(timedelta(seconds=1))
        assert browser.get("/private").status_code == 302


def test_a_duration_means_nothing_to_those_who_arent_remembered(host):
    host.app.config["REMEMBER_COOKIE_DURATION"] = 30 * DAY
    with clock.stopped() as time:
        browser, _cookie = log_in(host, remember=False, duration=30 * DAY)
        time.forward(timedelta(hours=8, seconds=1))
        assert browser.get("/private").status_code == 302


def test_a_duration_of_no_time_is_over_at_once(host):
    with clock.stopped() as time:
        browser, _cookie = log_in(host, remember=True, duration=timedelta(seconds=-5))
        time.forward(timedelta(seconds=1))
        assert browser.get("/private").status_code == 302


def test_a_duration_that_is_none_is_told_as_flask_login_tells_it(host):
    with pytest.raises(Exception, match="timedelta"):
        log_in(host, remember=True, duration=5)


def test_it_is_another_token_at_each_login_and_dead_after_logout(host):
    browser, first = log_in(host, remember=True)
    second = set_cookie(browser.post("/remembered"), host.cookie)
    assert first.partition(";")[0] != second.partition(";")[0]
    token = browser.get_cookie(host.cookie).value
    browser.post("/logout")
    browser.set_cookie(host.cookie, token)
    assert browser.get("/private").status_code == 302


def test_confirming_keeps_it_remembered(host):
    browser, _cookie = log_in(host, remember=True, fresh=False)
    answer = browser.post("/confirm")
    assert f"Max-Age={30 * 24 * 3600}" in set_cookie(answer, host.cookie)
    assert browser.get("/is-remembered").text == "True"


def test_flask_logins_own_cookie_of_old_opens_nothing(host):
    with host.app.test_request_context():
        old = flask_login.encode_cookie("1")
    browser = host.browser()
    browser.set_cookie("remember_token", old)
    assert browser.get("/private").status_code == 302
    browser.post("/login", data={"email": ANN})
    browser.post("/logout")
    assert browser.get("/private").status_code == 302


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    value=st.one_of(st.text(max_size=60), st.sampled_from(["1|é", "|", "1|", "A" * 43, "é" * 43, "A" * 10_000, "\0"]))
)
def test_a_malformed_cookie_is_nobody_and_never_an_error(malformed, value):
    host = malformed
    for name in (host.cookie, f"{host.cookie}-device", f"{host.cookie}-attempt", "remember_token", "session"):
        browser = host.app.test_client()
        raw = f"{name}={value}".encode("utf-8", "surrogatepass").decode("latin-1")
        environ = {"HTTP_COOKIE": raw}
        assert browser.get("/private", environ_overrides=environ).status_code == 302
        assert browser.get("/greeting", environ_overrides=environ).text == "nobody"
        assert browser.post("/login", data={"email": ANN}, environ_overrides=environ).status_code == 302


@pytest.fixture
def malformed(sqlite_url):
    return make_host(sqlite_url)


def test_our_login_remembered_survives_what_flask_logins_doesnt(host):
    host.app.add_url_rule("/is-remembered", view_func=lambda: str(housekey.login_remembered()))
    browser = host.app.test_client(use_cookies=False)  # else it takes the header away
    answer = browser.get("/is-remembered", environ_overrides={"HTTP_COOKIE": "remember_token=1|\xc3\xa9"})
    assert answer.text == "False"


def test_token_loader_is_gone_and_the_cure_is_named(host):
    with pytest.raises(ConfigurationError, match="remember-me needs no loader"):
        host.manager.token_loader(lambda token: None)
