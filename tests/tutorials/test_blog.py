"""Tutorial 3: forms with flash messages, unique names, a safe `next`, posts with owners, a page of users."""

import re

import pytest

from tutorials.variants import FROM_THIS_SITE, HERE, QUICK, VARIANTS, load

PASSWORD = "a password of the tutorial"


def make_app(variant, **config):
    app = load("blog", variant).create_app({**QUICK, "WTF_CSRF_ENABLED": False, **config})
    with app.app_context():
        load("blog", variant, "extensions").db.create_all()
    return app


# As the tutorial's reader writes them, for both


@pytest.fixture(params=VARIANTS)
def app(request):
    return make_app(request.param)


@pytest.fixture
def client(app):
    return app.test_client()


def register(client, name, email=None, password=PASSWORD, confirm=PASSWORD):
    form = {
        "username": name,
        "email": email or f"{name}@example.com",
        "password": password,
        "confirm_password": confirm,
    }
    return client.post("/register", data=form, follow_redirects=True)


def login(client, name, password=PASSWORD, to="/login", **more):
    return client.post(to, data={"email": f"{name}@example.com", "password": password, **more})


def member(app, name):
    client = app.test_client()
    register(client, name)
    login(client, name)
    return client


def new_post(client, title="First", content="Hello there"):
    return client.post("/post/new", data={"title": title, "content": content}, follow_redirects=True)


def test_register_then_log_in(client):
    answer = register(client, "ann")
    assert '<div class="alert alert-success">Your account has been created!' in answer.text
    assert login(client, "ann").location == "/"
    assert "Hello, ann" in client.get("/").text
    assert "ann@example.com" in client.get("/account-settings").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "ann", "email": "other@example.com"}, "That username is taken."),
        ({"name": "other", "email": "ann@example.com"}, "That email is taken."),
        ({"name": "a"}, "Field must be between 2 and 20 characters long."),
        ({"name": "other", "email": "nonsense"}, "Invalid email address."),
        ({"name": "other", "confirm": "different"}, "Field must be equal to password."),
    ],
)
def test_registration_is_validated(client, form, said):
    register(client, "ann")
    assert said in register(client, **form).text


def test_wrong_password(client):
    register(client, "ann")
    assert "Login Unsuccessful." in login(client, "ann", "wrong").text
    assert "Login Unsuccessful." in login(client, "nobody").text


def test_next_leads_back_and_never_away(client):
    register(client, "ann")
    answer = client.get("/post/new")
    assert answer.location == "/login?next=%2Fpost%2Fnew"
    assert login(client, "ann", to=answer.location).location == "/post/new"
    client.get("/logout")
    assert login(client, "ann", to="/login?next=https://evil.example/").location == "/"


def test_logged_in_people_need_no_login_page(app):
    client = member(app, "ann")
    assert client.get("/login").location == client.get("/register").location == "/"


def test_logout(app):
    client = member(app, "ann")
    assert "Login" in client.get("/logout", follow_redirects=True).text
    assert client.get("/account-settings").status_code == 302


def test_posts_belong_to_their_authors(app):
    ann, bob = member(app, "ann"), member(app, "bob")
    assert "Your post has been created!" in new_post(ann).text
    assert "by ann" in bob.get("/").text
    assert "Delete" in ann.get("/").text
    assert "Delete" not in bob.get("/").text
    assert bob.get("/post/1/update").status_code == bob.post("/post/1/delete").status_code == 403
    changed = ann.post("/post/1/update", data={"title": "Second", "content": "Hello again"}, follow_redirects=True)
    assert "Your post has been updated!" in changed.text
    assert "Second" in bob.get("/").text
    assert "Your post has been deleted!" in ann.post("/post/1/delete", follow_redirects=True).text
    assert "Second" not in bob.get("/").text


def test_strangers_cant_post(client):
    assert client.post("/post/new", data={"title": "Hi", "content": "Hi"}).status_code == 302
    assert client.post("/post/1/delete").status_code == 302


def test_only_admins_see_the_users(app, request):
    variant = request.node.callspec.params["app"]
    ann, boss = member(app, "ann"), member(app, "boss")
    new_post(ann)
    with app.app_context():
        db, User = load("blog", variant, "extensions").db, load("blog", variant, "models").User
        User.query.filter_by(username="boss").one().is_admin = True
        db.session.commit()
    assert ann.get("/admin/users").status_code == 403
    assert "ann (1 posts)" in boss.get("/admin/users").text
    assert "Users</a>" in boss.get("/").text


@pytest.mark.parametrize("variant", VARIANTS)
def test_flask_wtf_guards_the_forms(variant):
    client = make_app(variant, WTF_CSRF_ENABLED=True).test_client()
    assert register(client, "ann").status_code == 400
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/register").text)[1]
    form = {"username": "ann", "email": "ann@example.com", "password": PASSWORD, "confirm_password": PASSWORD}
    assert client.post("/register", data={**form, "csrf_token": token}).location == "/login"


# What the app has gained


@pytest.fixture
def moved():
    return make_app("moved")


def cookie(app):
    return app.extensions["housekey"].cookies.session


def test_only_manager_and_model_come_from_elsewhere():
    for variant in VARIANTS:
        assert {file.name for file in (HERE / "blog" / variant).glob("*.py")} == {"extensions.py", "models.py"}


def test_housekeys_pages_work_beside_flask_wtf():
    app = make_app("moved", WTF_CSRF_ENABLED=True)
    ann = app.test_client()
    form = {"email": "ann@example.com", "username": "ann", "password": "correct horse battery staple"}
    assert ann.get("/account/register").status_code == 200
    assert ann.post("/account/register", data=form, headers=FROM_THIS_SITE).status_code == 303
    assert "Hello, ann" in ann.get("/").text
    assert ann.post("/account/logout", headers=FROM_THIS_SITE).status_code == 303
    sent = {"identifier": "ann", "password": form["password"]}
    assert ann.post("/account/api/login", json=sent).status_code == 200


def test_sessions_are_listed_and_ended(moved):
    here = member(moved, "ann")
    there = moved.test_client()
    login(there, "ann", remember="y")
    assert len(here.get("/account/api/sessions").json["sessions"]) == 2
    assert here.post("/account/sessions/end-others", headers=FROM_THIS_SITE).status_code == 303
    assert there.get("/account-settings").status_code == 302
    assert here.get("/account-settings").status_code == 200


def test_a_copied_cookie_is_dead_after_logout(moved):
    client, thief = member(moved, "ann"), moved.test_client()
    thief.set_cookie(cookie(moved), client.get_cookie(cookie(moved)).value)
    assert thief.get("/account-settings").status_code == 200
    client.get("/logout")
    assert thief.get("/account-settings").status_code == 302


def test_the_next_person_at_this_browser_finds_nothing_of_the_first(moved):
    client = member(moved, "ann")
    with client.session_transaction() as session:
        session["draft"] = "Dear diary"
    register(moved.test_client(), "bob")
    client.get("/logout")
    login(client, "bob")
    with client.session_transaction() as session:
        assert "draft" not in session


def test_guessing_is_slowed_down_for_everyone_but_the_owners_browser(moved):
    owner, thief = member(moved, "ann"), moved.test_client()
    for _ in range(6):
        login(thief, "ann", "wrong")
    assert "Login Unsuccessful." in login(thief, "ann").text
    owner.get("/logout")
    assert login(owner, "ann").location == "/"


def test_a_users_representation_and_row_show_no_password(moved):
    member(moved, "ann")
    with moved.app_context():
        user = load("blog", "moved", "models").User.query.one()
        assert PASSWORD not in f"{user!r} {vars(user)}"
        assert not [key for key in vars(user) if "pass" in key]


def test_a_form_registers_two_names_that_meet_in_case_once(moved):
    register(moved.test_client(), "ann")
    with pytest.raises(Exception, match="UNIQUE"):
        register(moved.test_client(), "Ann", "other@example.com")
