"""A mailed link that a mail program has broken, or that was copied in part, is told so."""

from __future__ import annotations

import pytest

from rig.apps import small_app

WHOLE = "3fG4acWC3vVGpLNRWE7mP1ov6jADbaMYwnUQTXBhCDo"
LANDINGS = [
    "password/reset",
    "register/confirm",
    "register/invited",
    "email/verify",
    "emails/confirm",
    "login/mail/confirm",
    "undo",
]


@pytest.fixture
def app():
    return small_app(HOUSEKEY_MAILED_LOGIN_OPEN=True)


@pytest.mark.parametrize("page", LANDINGS)
@pytest.mark.parametrize("token", [WHOLE[:-5], "", "a b", WHOLE], ids=["cut off", "empty", "odd", "dead"])
def test_it_is_told_and_nobody_is_asked_to_open_it_once_more(app, page, token):
    answer = app.test_client().get(f"/account/{page}", query_string={"token": token}, follow_redirects=True)
    assert "is too old, or is incomplete" in answer.text
    assert "Look at your mail" not in answer.text
