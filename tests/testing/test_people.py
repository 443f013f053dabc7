"""`housekey_user`: people in the app's own database."""

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from housekey import Housekey, UserMixin, permission_required, roles_required
from housekey.testing import PASSWORD, SETTINGS, configure, make_user
from rig.apps import small_app


@pytest.fixture
def app():
    app = configure(small_app())
    app.add_url_rule("/admin", "admin", roles_required("admin")(lambda: "in"))
    app.add_url_rule("/edit", "edit", permission_required("posts:edit")(lambda: "in"))
    return app


def test_everyone_is_somebody_else(housekey_user):
    people = [housekey_user() for _ in range(3)]
    assert len({person.email for person in people}) == len({person.id for person in people}) == 3
    assert all(person.name for person in people)


def test_columns_are_as_the_test_says(housekey_user):
    ann = housekey_user(email="ann@example.org", username="ann", name="Ann")
    assert (ann.email, ann.username, ann.name) == ("ann@example.org", "ann", "Ann")


def test_the_password_is_known_to_the_test(housekey_client, housekey_user):
    known, own, none = housekey_user(), housekey_user(password="another one, as long"), housekey_user(password=None)
    for person, password, status in (
        (known, PASSWORD, 200), (own, "another one, as long", 200), (own, PASSWORD, 401), (none, PASSWORD, 401),
    ):  # fmt: skip
        sent = {"identifier": person.email, "password": password}
        assert housekey_client.post("/account/api/login", json=sent).status_code == status


def test_roles_and_permissions_are_given_and_made_where_they_lack(app, housekey_user):
    both, role, neither = (
        housekey_user(roles=["admin"], permissions=["posts:edit"]),
        housekey_user(roles=["admin"]),
        housekey_user(),
    )
    for person, admin, edit in ((both, 200, 200), (role, 200, 403), (neither, 403, 403)):
        browser = app.test_client(user=person)
        assert browser.get("/admin").status_code == admin
        assert browser.get("/edit").status_code == edit


@pytest.mark.parametrize("verified", [True, False])
def test_addresses_are_verified_unless_the_test_says_no(app, housekey_user, verified):
    from housekey.store import users

    person, house = housekey_user(verified=verified), app.extensions["housekey"].house
    with app.app_context(), house.read() as connection:
        facts = users.by_id(connection, house.store.schema, person.id)
    assert (facts.email_verified_at is not None) == verified


def test_a_disabled_person_is_shut_out(housekey_client, housekey_user):
    person = housekey_user(disabled=True)
    sent = {"identifier": person.email, "password": PASSWORD}
    assert housekey_client.post("/account/api/login", json=sent).status_code == 401


def test_objects_can_be_read_after_the_context_has_ended(app):
    person = make_user(app, name="Ann")
    assert person.get_id() == str(person.id)
    assert person.name == "Ann"


def test_a_host_with_other_columns_and_keys_is_served_too(tmp_path):
    import uuid

    db = SQLAlchemy()

    class Member(UserMixin, db.Model):
        username = None
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
        team: Mapped[str]

    app = Flask("members", instance_path=str(tmp_path))
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/members.sqlite")
    app.config["HOUSEKEY_REGISTRATION_OPEN"] = False  # nothing would fill the team
    db.init_app(app)
    Housekey(app, db)
    configure(app)
    with app.app_context():
        db.create_all()
        member = make_user(app, team="blue", permissions=["posts:edit"])
        assert member in db.session
    assert member.team == "blue"
    assert app.test_client(user=member).get("/account/api/sessions").status_code == 200
