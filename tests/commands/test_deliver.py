"""`flask housekey deliver`: one look, or a service that looks again until it is told to end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rig.apps import small_app
from rig.mails import house_of, outbox, send

TESTS = Path(__file__).parent.parent
SERVICE = """
import sys
from flask.cli import ScriptInfo
from housekey.commands import cli
from rig.apps import small_app
app = small_app(sys.argv[1], SECRET_KEY=sys.argv[2])
app.secret_key = sys.argv[2]
app.accounts.mail_transport(lambda mail: None)
cli.main(["deliver", "--forever", "--every", "0.1", *sys.argv[3:]], obj=ScriptInfo(create_app=lambda: app))
"""
KEY = "0123456789abcdef" * 4


def test_a_look_says_what_it_has_done(app, run):
    app.accounts.mail_transport(lambda mail: None)
    assert run("deliver").stdout == "Nothing waits to be sent.\n"
    send(app)
    assert run("deliver").stdout == "1 delivered, 0 postponed, 0 failed\n"


def test_a_database_that_is_away_fails_one_look(app, run):
    with app.app_context(), house_of(app).store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE housekey_outbox")
    assert "housekey_outbox" in run("deliver", code=1).output


@pytest.fixture
def service(sqlite_url):
    """Starts the service in a process of its own."""
    started = []

    def start(*options):
        code = [sys.executable, "-W", "ignore", "-c", SERVICE, sqlite_url, KEY, *options]
        started.append(subprocess.Popen(code, cwd=TESTS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not holds():
        time.sleep(0.05)
    assert holds()


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_the_service_sends_what_comes_outlives_its_database_and_ends_softly(service, sqlite_url, options):
    app = small_app(sqlite_url, SECRET_KEY=KEY)
    app.secret_key = KEY
    process = service(*options)
    send(app)
    until(lambda: [row["state"] for row in outbox(app)] == ["delivered"])
    engine = house_of(app).store.engine
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE housekey_outbox RENAME TO away")
    assert "The database doesn't answer" in process.stderr.readline()
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO housekey_outbox")
    send(app, "bob@example.org")
    until(lambda: [row["state"] for row in outbox(app)] == ["delivered"] * 2)
    process.send_signal(signal.SIGTERM)
    said, _errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert said.count("delivered") == 2
    assert ('"delivered": 1' in said) == bool(options)
