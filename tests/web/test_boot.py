"""Which start of the server this is: the same for all its workers, another one at the next start."""

import os
import subprocess
import sys
import time
from pathlib import Path

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


GUNICORN = [sys.executable, "-m", "gunicorn", "--no-control-socket", "-w", "2", "-b", "127.0.0.1:0", "app"]
APP = """
import os
from housekey.web.boot import boot_id
with open("said", "a") as said:
    said.write(f"{boot_id()} {os.getpid()}\\n")
def application(environ, start_response): ...
"""


def said_by(folder, process, many):
    """Waits for `many` ids, and stops the server."""
    end = time.monotonic() + 30
    while time.monotonic() < end and len(lines(folder)) < many:
        time.sleep(0.05)
    stop(process)
    return lines(folder)


def stop(process):
    """A gunicorn that is asked to while it starts its workers may miss it; they end without it."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def lines(folder):
    file = folder / "said"
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize(("more", "each"), [([], 2), (["--preload"], 1)])
def test_a_server_that_starts_again_in_the_same_process_group_is_another_start(tmp_path, more, each):
    (tmp_path / "app.py").write_text(APP)
    for start in (1, 2):
        server = subprocess.Popen([*GUNICORN, *more], cwd=tmp_path, stderr=subprocess.DEVNULL)
        said = [line.split()[0] for line in said_by(tmp_path, server, start * each)]
    assert len(said) == 2 * each
    assert len(set(said[:each])) == len(set(said[each:])) == 1
    assert said[0] != said[-1]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_reload_while_developing_is_the_same_start(monkeypatch):
    """The reloader starts the program again and again; `flask run` without it is a start of its own."""
    run = {**os.environ, "FLASK_RUN_FROM_CLI": "true"}
    assert asked(env=run) != asked(env=run)
    reloaded = {**run, "WERKZEUG_RUN_MAIN": "true"}
    assert asked(env=reloaded) == asked(env=reloaded)


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
