"""A host that picks the engine by whose site is asked for: nobody is anybody on another one's."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask, g, has_app_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy.orm import Mapped, mapped_column

from housekey import Housekey, UserMixin, current_identity, current_user
from rig.apps import PASSWORD, QUICK

TENANTS = ("north", "south")


class ByTenant(Session):
    """As in Flask-SQLAlchemy's documentation, with an engine of the tenant's own."""

    engines: dict[str, sa.Engine] = {}

    def get_bind(self, *args, **kwargs):
        return self.engines[g.get("tenant", TENANTS[0]) if has_app_context() else TENANTS[0]]


@pytest.fixture
def app(databases):
    db = SQLAlchemy(session_options={"class_": ByTenant})

    class User(UserMixin, db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)

    app = Flask("tenants")
    app.config.update(QUICK, SECRET_KEY="k" * 40, SQLALCHEMY_DATABASE_URI="sqlite://")
    db.init_app(app)

    @app.url_value_preprocessor
    def pick(endpoint, values):
        from flask import request

        g.tenant = request.headers["X-Tenant"]

    Housekey(app, db, user_model=User)
    app.add_url_rule("/name", "name", lambda: current_identity.name if current_identity else "nobody")
    app.add_url_rule("/user", "user", lambda: getattr(current_user, "name", None) or "nobody")
    with databases["sqlite"].fresh() as north, databases["sqlite"].fresh() as south:
        ByTenant.engines = {"north": sa.create_engine(north), "south": sa.create_engine(south)}
        for engine in ByTenant.engines.values():
            db.metadata.create_all(engine)
        yield app


def at(tenant):
    return {"X-Tenant": tenant}


@pytest.mark.asvs("8.4.1")
@pytest.mark.parametrize("path", ["/name", "/user"])
def test_a_session_is_read_where_it_was_opened_and_worth_nothing_elsewhere(app, path):
    people = {}
    for tenant in TENANTS:
        people[tenant] = app.test_client()
        person = {"email": f"{tenant}@example.test", "password": PASSWORD, "name": tenant.title()}
        answer = people[tenant].post("/account/api/register", json=person, headers=at(tenant))
        assert answer.status_code == 201, answer.text
    for tenant, other in (TENANTS, TENANTS[::-1]):
        assert people[tenant].get(path, headers=at(tenant)).text == tenant.title()
        assert people[tenant].get(path, headers=at(other)).text == "nobody"
