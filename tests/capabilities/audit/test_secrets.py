"""No secret that a run has made stands in the log: every table that could hold one is searched for all of them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from housekey.kernel import tokens
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import administrator, house_of, id_of

NEW = "another long passphrase"
WRONG = "what somebody typed in the wrong field"


@pytest.mark.flaw(10)
@pytest.mark.asvs("16.2.5")
def test_no_secret_is_in_the_log(monkeypatch):
    made = []
    new_token = tokens.new_token

    def remembering():
        token = new_token()
        made.append(token)
        return token

    monkeypatch.setattr(tokens, "new_token", remembering)
    app = small_app(HOUSEKEY_THROTTLING_LOCK_AFTER=3)
    ann, root = registered(app), administrator(app)
    ann.post("/account/api/reauthenticate", json={"password": PASSWORD})
    ann.post("/account/api/password", json={"current_password": PASSWORD, "new_password": NEW})
    ann.patch("/account/api/profile", json={"name": "Ann"})
    for _ in range(4):
        log_in(app.test_client(), password=WRONG)
    log_in(app.test_client(), identifier=PASSWORD, password=WRONG)
    root.patch(f"/account/api/admin/users/{id_of(app)}", json={"disabled": True})
    house = house_of(app)
    with house.read() as connection:
        hashes = list(connection.scalars(sa.select(house.store.tables["passwords"].c.hash)))
        rows = connection.execute(sa.select(house.store.tables["audit_entries"])).all()
        rows += connection.execute(sa.select(house.store.tables["audit_segments"])).all()
    assert len(rows) > 10
    assert len(made) >= 3
    held = "\n".join(str(part.hex() if isinstance(part, bytes) else part) for row in rows for part in row)
    secrets = [PASSWORD, NEW, WRONG, app.secret_key, *hashes]
    secrets += [form for token in made for form in (token.secret, token.digest.hex())]
    assert not [secret for secret in secrets if secret in held]
