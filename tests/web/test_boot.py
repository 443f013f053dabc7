"""Which start of the server this is: the same for all its workers, another one at the next start."""

import subprocess
import sys

import pytest

from housekey.web.boot import boot_id
from rig.apps import log_in, registered, small_app

ASK = [sys.executable, "-c", "from housekey.web.boot import boot_id; print(boot_id())"]


def asked(**options):
    return subprocess.run(ASK, capture_output=True, text=True, check=True, **options).stdout.strip()


@pytest.fixture(autouse=True)
def no_name_given(monkeypatch):
    monkeypatch.delenv("HOUSEKEY_BOOT_ID", raising=False)


def test_workers_of_one_start_agree_and_another_start_is_another():
    assert asked() == boot_id() == boot_id()
    assert asked(start_new_session=True) != boot_id()


def test_the_environment_may_name_the_start(monkeypatch):
    monkeypatch.setenv("HOUSEKEY_BOOT_ID", "release 7")
    named = boot_id()
    assert asked(start_new_session=True) == named
    assert len(named) <= 64
    monkeypatch.setenv("HOUSEKEY_BOOT_ID", "release 8")
    assert boot_id() != named


@pytest.mark.parametrize("ends", [True, False])
def test_sessions_end_with_the_server_where_the_host_wants_it(tmp_path, monkeypatch, ends):
    def started(name):
        monkeypatch.setenv("HOUSEKEY_BOOT_ID", name)
        settings = {"HOUSEKEY_SESSIONS_END_ON_RESTART": ends, "HOUSEKEY_COOKIE_NAME": "visit"}
        return small_app(f"sqlite:///{tmp_path}/app.sqlite", **settings)

    token = registered(started("first"), name="Ann").get_cookie("visit").value
    for name, is_open in (("first", True), ("second", not ends)):
        browser = started(name).test_client()
        browser.set_cookie("visit", token)
        assert (browser.get("/private").status_code == 200) == is_open
    log_in(browser)
    assert browser.get("/private").text == "Ann"
