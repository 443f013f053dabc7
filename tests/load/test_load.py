"""Four gunicorn processes of four threads each, and more browsers than that, on one database: no 500, no lost write,
no dead session that answers 200. Four seconds in the suite; `make load` runs a minute on each database.
"""

from __future__ import annotations

import os
import random
import time
from threading import Thread

import pytest
import sqlalchemy as sa

from load.browsers import API, PASSWORD, PEOPLE, Browser, Line, Report
from load.ledger import DEAD, LIVE, Ledger
from load.served import create_app
from rig.people import house_of

SECONDS = float(os.environ.get("HOUSEKEY_LOAD_SECONDS", "4"))
BROWSERS = 24
PROBES = 500


@pytest.mark.asvs("2.3.3", "7.4.1", "15.4.1", "15.4.2", "15.4.3")
def test_many_browsers_at_once_lose_nothing_and_bring_nothing_back(database_url, live_server, capsys):
    server = live_server(create_app, url=database_url, under="gunicorn", workers=4, threads=4, ready="/")
    ledger, report = Ledger(), Report()
    cookie = first_people(server.port, report)
    browsers = [Browser(number, server.port, cookie, ledger, report) for number in range(BROWSERS)]
    report.latencies.clear()
    began = time.monotonic()
    all_at_once([lambda b=browser: b.live_until(began + SECONDS) for browser in browsers])
    report.seconds = time.monotonic() - began
    with capsys.disabled():
        print(f"\n{sa.make_url(database_url).get_backend_name()}: {report}")
    sample = random.sample(ledger.tokens, min(PROBES, len(ledger.tokens)))
    all_at_once([lambda b=b, n=n: [b.probe(held) for held in sample[n::BROWSERS]] for n, b in enumerate(browsers)])
    for browser in browsers:
        browser.line.close()
    assert report.wrongs == [], server.log[-4000:]
    assert "Traceback" not in server.log, server.log[-4000:]
    assert len(ledger.tokens) > BROWSERS, "so little was done that nothing is shown"
    compare_with_the_database(create_app(database_url), ledger)


def first_people(port: int, report: Report) -> str:
    """Make the accounts that all browsers share; answers the name of the session cookie."""
    line = Line(port, report)
    cookies: dict[str, str] = {}
    for number, email in enumerate(PEOPLE):
        body = {"email": email, "password": PASSWORD}
        answer = line.send("POST", API + "register", body, {}, f"203.0.113.{number}")
        assert answer.status == 201, answer.text
        cookies = answer.cookies
    line.close()
    return next(name for name in cookies if not name.endswith(("-device", "-attempt", "-form")))


def all_at_once(acts) -> None:
    errors: list[BaseException] = []

    def guarded(act) -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=guarded, args=[act], daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS + 120)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), "a browser waits for an answer still"


def compare_with_the_database(app, ledger: Ledger) -> None:
    """No registration and no login that was answered is missing, and every ending stands there."""
    house = house_of(app)
    tables = house.store.tables
    with house.read() as connection:
        keys = set(connection.scalars(sa.select(tables["identifiers"].c.key)))
        ended = dict(connection.execute(sa.select(tables["sessions"].c.id, tables["sessions"].c.ended_at)).all())
        accounts = connection.scalar(sa.select(sa.func.count()).select_from(tables["accounts"]))
    assert keys == {*PEOPLE, *ledger.registered}
    assert accounts == len(keys)
    assert {held.session_id for held in ledger.tokens} <= ended.keys()
    assert not [held for held in ledger.tokens if held.state == LIVE and ended[held.session_id] is not None]
    latest = {held.session_id: held for held in ledger.tokens}
    assert not [held for held in latest.values() if held.state == DEAD and ended[held.session_id] is None]
