"""Tutorial 1: an app factory with `login_manager.init_app(app)`, and the roles admin, user and guest by a decorator."""

import pytest

from tutorials.variants import FROM_THIS_SITE, QUICK, VARIANTS, load

PASSWORD = "password"


def make_app(variant):
    app = load("roles", variant).create_app(QUICK)
    db, User = load("roles", variant, "extensions").db, load("roles", variant, "models").User
    with app.app_context():
        for role in ("admin", "user", "guest"):
            person = User(username=role, role=role)
            person.set_password(PASSWORD)
            db.session.add(person)
        db.session.commit()
    return app


# As the tutorial's reader writes them, for both


@pytest.fixture(params=VARIANTS)
def client(request):
    return make_app(request.param).test_client()


def login(client, username, password=PASSWORD):
    return client.post("/login", data={"username": username, "password": password}, follow_redirects=True)


def test_login_and_logout(client):
    answer = login(client, "user")
    assert "Welcome, user!" in answer.text
    assert "Hello, user!" in client.get("/dashboard").text
    answer = client.get("/logout", follow_redirects=True)
    assert "You have been logged out." in answer.text
    assert client.get("/dashboard").status_code == 302


@pytest.mark.parametrize(("username", "password"), [("user", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_login_with_the_wrong_words(client, username, password):
    assert "Invalid username or password." in login(client, username, password).text
    assert client.get("/dashboard").status_code == 302


def test_login_is_required(client):
    answer = client.get("/dashboard")
    assert answer.location == "/login?next=%2Fdashboard"
    answer = client.get("/dashboard", follow_redirects=True)
    assert '<p class="info">Please log in to access this page.</p>' in answer.text


@pytest.mark.parametrize(("role", "members", "admin"), [("admin", 200, 200), ("user", 200, 403), ("guest", 403, 403)])
def test_roles(client, role, members, admin):
    login(client, role)
    assert client.get("/members").status_code == members
    assert client.get("/admin").status_code == admin


def test_strangers_have_no_role(client):
    assert client.get("/admin").location == "/login?next=%2Fadmin"


def test_the_menu_knows_who_is_there(client):
    assert "Log in" in client.get("/").text
    login(client, "admin")
    assert "admin (admin)" in client.get("/").text
    assert "Admin</a>" in client.get("/").text


# What the app has gained


@pytest.fixture
def moved():
    return make_app("moved")


def test_only_manager_and_model_come_from_elsewhere():
    from tutorials.variants import HERE

    for variant in VARIANTS:
        assert {file.name for file in (HERE / "roles" / variant).glob("*.py")} == {"extensions.py", "models.py"}


def test_a_copied_cookie_is_dead_after_logout(moved):
    client, thief = moved.test_client(), moved.test_client()
    login(client, "user")
    name = moved.extensions["housekey"].cookies.session
    thief.set_cookie(name, client.get_cookie(name).value)
    assert thief.get("/dashboard").status_code == 200
    client.get("/logout")
    assert thief.get("/dashboard").status_code == 302


def test_the_cookie_is_another_one_at_each_login(moved):
    client, name = moved.test_client(), moved.extensions["housekey"].cookies.session
    login(client, "user")
    first = client.get_cookie(name).value
    login(client, "user")
    assert client.get_cookie(name).value != first


def test_people_see_where_they_are_logged_in_and_end_it(moved):
    here, there = moved.test_client(), moved.test_client()
    login(here, "user")
    login(there, "user")
    assert here.get("/account/sessions").status_code == 200
    assert len(here.get("/account/api/sessions").json["sessions"]) == 2
    assert here.post("/account/sessions/end-others", headers=FROM_THIS_SITE).status_code == 303
    assert here.get("/dashboard").status_code == 200
    assert there.get("/dashboard").status_code == 302


def test_guessing_is_slowed_down_on_the_tutorials_own_page(moved):
    thief, owner = moved.test_client(), moved.test_client()
    login(owner, "user")
    for _ in range(6):
        login(thief, "user", "wrong")
    assert "Invalid username or password." in login(thief, "user").text
    assert owner.get("/dashboard").status_code == 200


def test_no_password_is_a_column_of_the_users_table(moved):
    with moved.app_context():
        assert not [name for name in load("roles", "moved", "models").User.__table__.columns if "pass" in name.key]
