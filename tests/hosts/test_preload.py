"""`gunicorn --preload` forks its workers after the app is made: no two of them may speak on one connection."""

from __future__ import annotations

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

import pytest

from hosts.apps import alone
from rig.apps import PASSWORD

PEOPLE, VISITS = 12, 8


def warmed_up(url):
    """The host tries a page before it lets visitors in, so the master has asked the database."""
    app = alone.make_app(url)
    assert app.test_client().get("/account/login").status_code == 200
    return app


def served(server, number):
    """Registers, and comes back: answers what this person was shown."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    person = json.dumps({"email": f"p{number}@example.test", "password": PASSWORD}).encode()
    about = {"Content-Type": "application/json"}
    browser.open(urllib.request.Request(f"{server.url}/account/api/register", person, about)).close()
    shown = set()
    for _ in range(VISITS):
        with browser.open(f"{server.url}/object") as page:
            shown.add(page.read().decode().partition(",")[0])
    return shown


@pytest.mark.parametrize("make", ["hosts.apps.alone:make_app", warmed_up], ids=["fresh", "warmed up"])
def test_workers_of_a_preloaded_app_share_no_connection(database_url, live_server, make):
    options = {"under": "gunicorn", "workers": 3, "preload": True, "ready": "/public"}
    server = live_server(make, url=database_url, **options)
    with ThreadPoolExecutor(PEOPLE) as threads:
        shown = list(threads.map(lambda number: served(server, number), range(PEOPLE)))
    assert shown == [{f"p{number}@example.test"} for number in range(PEOPLE)]
    assert "Traceback" not in server.log
