"""A thousand mails, three processes that deliver, each mail once: on every database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from housekey.capabilities.mail import actions as mail
from housekey.capabilities.outbox.claims import LEASE
from housekey.kernel import clock
from rig.apps import small_app
from rig.mails import deliver, house_of, letter, outbox, send

TESTS = Path(__file__).parent.parent.parent
PROCESSES = 3
DELIVERER = """
import sys
from pathlib import Path
from rig.apps import small_app
from rig.mails import deliver

app, said = small_app(sys.argv[1], SECRET_KEY=sys.argv[2]), Path(sys.argv[3]).open("a", buffering=1)
app.secret_key = sys.argv[2]
app.accounts.mail_transport(lambda mail: said.write(mail.recipient + "\\n"))
print("ready", flush=True)
sys.stdin.readline()
print(deliver(app).delivered, flush=True)
"""
KEY = "0123456789abcdef" * 4


def process(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(TESTS)},
    )  # fmt: skip


def app_at(url):
    app = small_app(url)
    app.secret_key = KEY
    return app


def post_many(app, number):
    house = house_of(app)
    with app.app_context():
        for first in range(0, number, 100):
            letters = [letter(f"user{n}@example.org") for n in range(first, first + 100)]
            house.run(lambda unit, letters=letters: [mail.send(unit, one) for one in letters])


def test_of_a_thousand_mails_and_three_who_deliver_each_goes_out_once(database_url, tmp_path):
    """A thousand where that is quick; what is asked of each database is the same statement."""
    app, number = app_at(database_url), 1000 if database_url.startswith("sqlite") else 300
    post_many(app, number)
    files = [tmp_path / f"sent-{turn}" for turn in range(PROCESSES)]
    started = [process(DELIVERER, database_url, KEY, file) for file in files]
    for one in started:
        assert one.stdout.readline() == "ready\n"
    for one in started:
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [one.communicate(timeout=240)[0] for one in started]
    sent = Counter(line for file in files for line in file.read_text().splitlines())
    assert len(sent) == number
    assert set(sent.values()) == {1}
    assert sum(map(int, told)) == number
    assert all(int(share) > 0 for share in told), f"one did all the work: {told}"
    assert {row["state"] for row in outbox(app)} == {"delivered"}


KILLED = """
import os, signal, sys
from rig.apps import small_app
from rig.mails import deliver, send

app = small_app(sys.argv[1])
app.secret_key = sys.argv[2]

def die(mail):
    os.kill(os.getpid(), signal.SIGKILL)

app.accounts.mail_transport(die)
if sys.argv[3] == "change":
    send(app)
    die(None)
deliver(app)
"""


def killed(url, when):
    with process(KILLED, url, KEY, when) as one:
        assert one.wait(60) == -signal.SIGKILL


@pytest.mark.asvs("16.5.2")
def test_a_process_that_dies_between_change_and_delivery_loses_no_mail(database_url):
    app, sent = app_at(database_url), []
    killed(database_url, "change")
    app.accounts.mail_transport(sent.append)
    assert deliver(app).delivered == 1
    assert len(sent) == 1


def test_what_a_process_was_sending_when_it_died_goes_out_again_with_the_same_id(database_url):
    app, sent = app_at(database_url), []
    send(app)
    killed(database_url, "delivery")
    (row,) = outbox(app)
    assert row["state"] == "sending"
    app.accounts.mail_transport(sent.append)
    assert deliver(app).total == 0
    with clock.stopped() as stopped:
        stopped.forward(LEASE)
        assert deliver(app).delivered == 1
    assert [one.message_id for one in sent] == [row["reference"]]


def serving(url, folder):
    """An app that writes its mails into a folder; `/post` sends one. Served by gunicorn and werkzeug below."""
    app = small_app(
        url,
        TESTING=False,
        HOUSEKEY_PASSWORDS_HASH_PROFILE="standard",
        HOUSEKEY_MAIL_TRANSPORT="file",
        HOUSEKEY_MAIL_FOLDER=folder,
        HOUSEKEY_BASE_URL="http://localhost",
    )
    app.secret_key = KEY
    app.add_url_rule("/post", "post", partial(posted, app))
    return app


def posted(app):
    house_of(app).run(lambda unit: [mail.send(unit, letter(f"user{n}@example.org")) for n in range(10)])
    return "posted"


def arrived(folder, number, wait=20.0):
    end = time.monotonic() + wait
    while len(list(Path(folder).glob("*.eml"))) < number and time.monotonic() < end:
        time.sleep(0.05)
    return len(list(Path(folder).glob("*.eml")))


@pytest.mark.parametrize(("under", "workers"), [("werkzeug", 1), ("gunicorn", 2)])
def test_a_server_sends_in_the_background_soon_after_the_answer(live_server, sqlite_url, tmp_path, under, workers):
    server = live_server(serving, under=under, workers=workers, ready="/", url=sqlite_url, folder=str(tmp_path / "out"))
    server.wait("/post")
    assert arrived(tmp_path / "out", 10, wait=5) == 10


def test_a_server_that_starts_sends_what_was_left(live_server, sqlite_url, tmp_path):
    app = serving(sqlite_url, str(tmp_path / "out"))
    send(app)
    assert arrived(tmp_path / "out", 1, wait=1) == 0, "a process that serves nothing delivers nothing"
    live_server(serving, url=sqlite_url, folder=str(tmp_path / "out"))
    assert arrived(tmp_path / "out", 1, wait=5) == 1


def test_a_server_ends_at_once_though_its_thread_sleeps(live_server, sqlite_url, tmp_path):
    server = live_server(serving, url=sqlite_url, folder=str(tmp_path / "out"))
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(5) is not None
