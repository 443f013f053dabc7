"""A wrong setting stops the start and is named; a test says what came back."""

from __future__ import annotations

import base64

import pytest

from housekey.capabilities.webhooks.settings import WebhookSettings
from housekey.commands import cli
from housekey.errors import ConfigurationError
from rig.apps import small_app
from rig.hooks import SECRET

URL = "https://hooks.example.org/KEY"


def app_with(*urls, **settings):
    given = {"HOUSEKEY_WEBHOOKS_URLS": urls, "HOUSEKEY_WEBHOOKS_SECRETS": [SECRET]}
    return small_app(**given | settings)


def run(app, *words):
    return app.test_cli_runner().invoke(cli, words)


@pytest.mark.flaw(61)
@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/KEY", "ftp://hooks.example.org/KEY", "file:///etc/passwd?KEY",
        "//hooks.example.org/KEY",
        "hooks.example.org/KEY", "https://", "https:///KEY", "https://user:KEY@hooks.example.org/", "https://a#KEY",
        "https://hooks.example.org:0/KEY", "https://hooks.example.org:99999/KEY", "https://münchen.example/KEY",
        "https://hooks.example.org/K EY", "https://hooks.example.org\\@127.0.0.1/KEY", "https://a..b/KEY",
        "https://10.0.0.1/KEY", "https://[::ffff:10.0.0.1]/KEY", "https://169.254.169.254/KEY", "https://2130706433/KEY",
        "https://hooks.example.org/\nKEY", "https://[::1/KEY", "javascript:KEY", "https://" + "a" * 64 + ".org/KEY",
    ],
)  # fmt: skip
def test_a_wrong_address_stops_the_start_is_named_by_its_number_and_not_shown(url):
    with pytest.raises(ConfigurationError, match=r"HOUSEKEY_WEBHOOKS_URLS: number 2 ") as told:
        app_with(URL, url)
    assert "KEY" not in str(told.value).replace("HOUSEKEY", "")


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_abc", "whsec_" + base64.b64encode(b"x" * 23).decode(), SECRET[6:], SECRET + "!"],
    ids=["none", "empty", "broken", "short", "without its mark", "with more"],
)
def test_a_wrong_secret_stops_the_start_and_is_not_shown(secret):
    with pytest.raises(ConfigurationError, match=r"HOUSEKEY_WEBHOOKS_SECRETS: number 1 ") as told:
        app_with(URL, HOUSEKEY_WEBHOOKS_SECRETS=[secret])
    assert not secret or secret == "whsec_" or secret not in str(told.value)


def test_nothing_is_sent_unsigned():
    with pytest.raises(ConfigurationError, match="HOUSEKEY_WEBHOOKS_URLS needs HOUSEKEY_WEBHOOKS_SECRETS"):
        app_with(URL, HOUSEKEY_WEBHOOKS_SECRETS=[])


def test_settings_show_neither_addresses_nor_secrets():
    app = app_with(URL)
    assert "KEY" not in repr(WebhookSettings(urls=(URL,), secrets=(SECRET,))).replace("HOUSEKEY", "")
    shown = run(app, "settings", "webhooks").output
    assert "hooks.example.org" not in shown
    assert SECRET not in shown


@pytest.mark.parametrize("url", ["http://localhost:8000/KEY", "https://127.0.0.1/KEY", "http://[::1]/KEY"])
def test_this_machine_is_for_trying_out(url):
    app = app_with(url)
    assert app.test_client().get("/account/login").status_code == 200
    served = app_with(url, TESTING=False, PROPAGATE_EXCEPTIONS=True, HOUSEKEY_PASSWORDS_HASH_PROFILE="standard")
    with pytest.raises(ConfigurationError, match=r"HOUSEKEY_WEBHOOKS_URLS: number 1 is this machine"):
        served.test_client().get("/account/login")


def test_an_event_that_nobody_knows_stops_the_server_and_the_nearest_is_named():
    app = app_with(URL, HOUSEKEY_WEBHOOKS_EVENTS=["user.registred"])
    with pytest.raises(
        ConfigurationError, match=r"no event is called “user.registred”. Did you mean “user.registered”"
    ):
        app.test_client().get("/account/login")


def test_the_doctor_tells_the_same():
    good = run(app_with(URL), "doctor").output
    assert "webhooks go to https://hooks.example.org." in good
    assert "KEY" not in good.replace("HOUSEKEY", "").replace("SECRET_KEY", "")
    bad = run(app_with(URL, HOUSEKEY_WEBHOOKS_EVENTS=["user.registred"]), "doctor")
    assert "fail  webhooks can't be sent. HOUSEKEY_WEBHOOKS_EVENTS" in bad.output
    assert bad.exit_code == 1
    assert "webhooks" not in run(small_app(), "doctor").output


def test_a_test_is_sent_at_once_and_says_what_came_back(hook_server):
    well, ill, gone = hook_server(), hook_server(), hook_server()
    ill.status, ill.says = 401, b"the signature is wrong"
    gone.stop()
    result = run(app_with(well.url, ill.url, gone.url), "webhooks", "test")
    assert result.exit_code == 1
    assert f"http://localhost:{well.port} took it: 204, after " in result.output
    assert f"http://localhost:{ill.port} did not take it: 401 Unauthorized the signature is wrong." in result.output
    assert f"http://localhost:{gone.port} did not take it: localhost takes no connections." in result.output
    (hook,) = well.received
    assert (hook.type, hook.json["data"]) == ("webhook.test", {})
    assert run(app_with(well.url), "webhooks", "test").exit_code == 0


def test_what_keeps_the_server_from_starting_is_told_before_a_test_is_sent(hook_server):
    server = hook_server()
    answer = run(app_with(server.url, HOUSEKEY_WEBHOOKS_EVENTS=["user.registred"]), "webhooks", "test")
    assert answer.exit_code == 1
    assert "Did you mean “user.registered”?" in answer.output
    assert server.received == []


def test_without_an_address_the_setting_is_named():
    result = run(small_app(), "webhooks", "test")
    assert result.exit_code == 1
    assert "HOUSEKEY_WEBHOOKS_URLS" in result.output


def test_an_app_without_webhooks_loads_nothing_to_send_them(tmp_path):
    import subprocess
    import sys

    code = (
        "import sys, housekey; from flask import Flask; app = Flask('a'); "
        "app.config.update(SECRET_KEY='0123456789abcdef' * 4, SQLALCHEMY_DATABASE_URI='sqlite://'); "
        "housekey.Housekey(app); print([m for m in sys.modules if m.startswith('housekey.capabilities.webhooks.')])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "sending" not in loaded
    assert "connecting" not in loaded
