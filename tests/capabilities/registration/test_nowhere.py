"""A registration waits for a mail; where mails go nowhere the operator is told, since the page can't tell."""

from __future__ import annotations

import logging

import pytest

from housekey.capabilities.outbox.delivery import without_secrets
from rig.apps import PASSWORD, small_app
from rig.mails import deliver, outbox

ANN = {"email": "ann@example.test", "password": PASSWORD}
SERVED = {
    "TESTING": False,
    "HOUSEKEY_PASSWORDS_HASH_PROFILE": "light",
    "HOUSEKEY_REGISTRATION_VERIFICATION": "required",
}


def warnings_at_the_first_requests(caplog, **settings):
    app = small_app(**SERVED | settings)
    with caplog.at_level(logging.WARNING, "housekey"):
        for _ in range(3):
            assert app.test_client().get("/account/register").status_code in (200, 403)
    return [record.getMessage() for record in caplog.records if "NOBODY CAN REGISTER" in record.getMessage()]


def test_it_is_said_once_and_with_the_cure(caplog):
    (told,) = warnings_at_the_first_requests(caplog)
    assert "HOUSEKEY_MAIL_HOST" in told
    assert "flask run --debug" in told
    assert "/account/dev/mailbox" in told


@pytest.mark.parametrize(
    "settings",
    [
        {"DEBUG": True},
        {"HOUSEKEY_MAIL_HOST": "smtp.example.org"},
        {"HOUSEKEY_REGISTRATION_VERIFICATION": "grace"},
        {"HOUSEKEY_REGISTRATION_OPEN": False},
    ],
)
def test_it_is_not_said_where_people_can_register_or_mustnt(caplog, settings):
    assert warnings_at_the_first_requests(caplog, **settings) == []


def test_the_log_and_the_outbox_tell_the_whole_cure(caplog):
    app = small_app(**SERVED)
    assert app.test_client().post("/account/api/register", json=ANN).status_code == 202
    deliver(app)
    assert outbox(app)[0]["last_error"].endswith("HOUSEKEY_MAIL_HOST, or another HOUSEKEY_MAIL_TRANSPORT")
    assert "HOUSEKEY_MAIL_HOST, or another HOUSEKEY_MAIL_TRANSPORT" in caplog.text


def test_what_only_looks_like_a_setting_is_kept_out_of_the_log():
    for token in ("HOUSEKEY_q8Zr0-2mXw7Lk1Vt5Yb", "SECRET_KEY=q8Zr0-2mXw7Lk1Vt5Yb", "xHOUSEKEY_MAIL_TRANSPORT"):
        assert without_secrets(f"550 refused {token} here") == "550 refused … here"
