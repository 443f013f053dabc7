"""What the author of the app writes."""

from datetime import timedelta

from notes import Note, User, db

from housekey.testing import PASSWORD


def test_strangers_are_sent_to_log_in(client):
    assert client.get("/").location.startswith("/account/login")


def test_people_see_their_own_notes(client, housekey_user):
    client.login(housekey_user())
    client.post("/", data={"text": "buy-milk"})
    assert "buy-milk" in client.get("/").text


def test_nobody_reads_anothers_note(app, client, housekey_user):
    ann, bob = housekey_user(name="Ann"), housekey_user(name="Bob")
    with app.app_context():
        db.session.add(Note(text="secret", owner_id=ann.id))
        db.session.commit()
    client.login(bob)
    assert client.get("/notes/1").status_code == 403
    client.login(ann)
    assert client.get("/notes/1").text == "secret"


def test_a_long_absence_logs_out(client, housekey_user, housekey_clock):
    client.login(housekey_user())
    housekey_clock.forward(timedelta(hours=9))
    assert client.get("/").status_code == 302


def test_each_test_begins_with_an_empty_database(app, housekey_user):
    with app.app_context():
        assert db.session.query(User).count() == 0
        assert db.session.query(Note).count() == 0
    housekey_user()


def test_each_test_begins_with_an_empty_database_again(app):
    with app.app_context():
        assert db.session.query(User).count() == 0


def test_within_a_context_of_the_test_objects_belong_to_its_session(app, client, housekey_user):
    with app.app_context():
        ann = housekey_user()
        client.login(ann)
        client.post("/", data={"text": "one"})
        assert [note.text for note in ann.notes] == ["one"]


def test_only_those_with_the_role_come_in(app, housekey_user):
    boss, editor, guest = housekey_user(roles=["admin"]), housekey_user(permissions=["notes:edit"]), housekey_user()
    assert app.test_client(user=boss).get("/admin").status_code == 200
    assert app.test_client(user=editor).get("/edit").status_code == 200
    assert app.test_client(user=guest).get("/admin").status_code == 403


def test_what_is_dangerous_asks_for_a_fresh_login(client, housekey_user):
    ann = housekey_user()
    client.login(ann, fresh=False)
    assert client.get("/fresh").location.startswith("/account/reauthenticate")
    client.login(ann)
    assert client.get("/fresh").status_code == 200


def test_two_factors_open_what_one_does_not(client, housekey_user):
    ann = housekey_user()
    client.login(ann)
    assert client.get("/safe").status_code == 302
    client.login(ann, methods=["pwd", "otp"])
    assert client.get("/safe").status_code == 200


def test_logging_in_by_the_form(client, housekey_user):
    ann = housekey_user()
    client.post("/account/login", data={"identifier": ann.email, "password": PASSWORD})
    assert client.get("/").status_code == 200


def test_forms_from_elsewhere_are_refused(client):
    answer = client.post("/account/login", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_forgotten_password_is_mailed(client, housekey_user, housekey_mailbox):
    ann = housekey_user(email="ann@example.org")
    client.post("/account/api/password/forgot", json={"email": ann.email})
    assert "/account/" in housekey_mailbox.last_link(to="ann@example.org")
    assert len(housekey_mailbox.messages) == 1
