"""The app of the guide “Step-up” does what the guide says."""

from datetime import timedelta

import pytest

from housekey.kernel import clock
from rig.apps import QUICK, registered
from rig.phones import logged_in_with, with_phone
from tutorials.step_up.app import create_app

SENT = {"Sec-Fetch-Site": "same-origin", "Referer": "http://localhost/vault"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def app():
    return create_app(**QUICK, SECRET_KEY="x" * 64, SQLALCHEMY_DATABASE_URI="sqlite://")


def test_a_payout_asks_for_a_recent_proof_and_the_form_is_kept(app):
    with clock.stopped() as time:
        ann = registered(app)
        assert ann.post("/payout", data={"amount": "5"}, headers=SENT).text == "5 paid out"
        time.forward(timedelta(seconds=301))
        answer = ann.post("/payout", data={"amount": "5"}, headers=SENT)
        assert answer.location.startswith("/account/reauthenticate?next=")
        assert "forms" in answer.location
        problem = ann.post("/payout", data={"amount": "5"}, headers=SENT | JSON).json
        told = {"code": "reauthentication_required", "max_age": 300, "methods": ["password"], "status": 401}
        assert told.items() <= problem.items()


def test_the_vault_asks_for_two_factors(app):
    with clock.stopped() as time:
        ann = registered(app)
        assert ann.get("/vault").location == "/account/factors"
        both = logged_in_with(app, with_phone(ann))
        assert both.get("/vault").text == "Two factors were here."
        assert both.post("/vault/empty", headers=SENT).text == "Empty."
        time.forward(timedelta(seconds=301))
        assert both.get("/vault").status_code == 200
        assert both.post("/vault/empty", headers=SENT).status_code == 302
