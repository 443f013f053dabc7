"""Nobody registers with a name that looks like somebody else's: on both faces, and by the words beside the field."""

from __future__ import annotations

import pytest

from attacks.faces import FACES, FROM_OUR_PAGE
from rig.apps import PASSWORD, log_in, registered, small_app

BOB = {"email": "bob@example.test", "password": PASSWORD}


@pytest.fixture
def app():
    app = small_app()
    registered(app, username="paypal")
    return app


@pytest.mark.flaw(21)
@pytest.mark.parametrize("face", FACES, ids=str)
@pytest.mark.parametrize("username", ["paypaI", "pаypal", "PAYPAI", "ｐaypaⅼ", "paypa1", "PayPal"])
def test_a_name_that_looks_like_anothers_is_refused(app, face, username):
    stranger = app.test_client()
    assert face.register(stranger, BOB["email"], username=username).status == 422
    assert log_in(app.test_client(), BOB["email"]).status_code == 401


@pytest.mark.parametrize(("username", "code"), [("paypa1", "username_looks_alike"), ("PayPal", "username_taken")])
def test_both_faces_say_why_in_the_same_words(app, username, code):
    wanted = BOB | {"username": username}
    [told] = app.test_client().post("/account/api/register", json=wanted).json["fields"]["username"]
    page = app.test_client().post("/account/register", data=wanted, headers=FROM_OUR_PAGE)
    assert told["code"] == code
    assert told["text"] in page.text.replace("&#39;", "'")


@pytest.mark.parametrize("username", ["payppal", "pay.pal", "paypal2"])
def test_names_that_only_resemble_it_are_free(app, username):
    registered(app, username=username, email=BOB["email"])
