"""The thread works in whatever app it stands."""

from __future__ import annotations

import os
import time
from threading import Thread

import pytest

from housekey.capabilities.outbox.worker import Worker
from rig.apps import small_app
from rig.hosts import host_app
from rig.mails import house_of, outbox, send


def states(app):
    return [row["state"] for row in outbox(app)]


def until(true, wait=10.0):
    end = time.monotonic() + wait
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def test_it_sends_in_an_app_with_flask_sqlalchemy(database_url):
    app = host_app(database_url)
    send(app)
    worker = house_of(app).service(Worker)
    worker.serve(app.app_context)
    assert until(lambda: states(app) == ["delivered"])
    worker.stop()


def test_a_process_that_does_not_serve_starts_no_thread(database_url):
    app = host_app(database_url)
    worker = house_of(app).service(Worker)
    worker.wake()
    assert worker._thread is None


def test_after_a_fork_the_child_serves_anew(sqlite_url):
    app = host_app(sqlite_url)
    worker = house_of(app).service(Worker)
    worker.serve(app.app_context)
    assert isinstance(worker._thread, Thread)
    worker._reset()  # what os.register_at_fork calls in the child
    worker.wake()
    assert worker._thread is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_worker_that_is_forked_after_a_first_request_sends_too(sqlite_url):
    """Hosts try a page before gunicorn --preload forks."""
    app = small_app(sqlite_url, TESTING=False, HOUSEKEY_PASSWORDS_HASH_PROFILE="light")
    worker = house_of(app).service(Worker)
    assert app.test_client().get("/private").status_code == 302
    assert worker._thread is not None
    child = os.fork()
    if child == 0:
        try:
            was_off = worker._thread is None
            app.test_client().get("/private")
            os._exit(0 if was_off and worker._thread.is_alive() else 1)
        finally:
            os._exit(2)
    worker.stop()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
