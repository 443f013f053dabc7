"""Tutorial 2: one file with `login_view`, `unauthorized_handler`, remember me, `admin_required`, an API token by
`request_loader`, and `session_protection = "strong"`."""

import ast
import difflib
from datetime import timedelta
from importlib import import_module

import pytest

from housekey.testing import configure
from tutorials.variants import FROM_THIS_SITE, HERE, VARIANTS

TOKEN = {"Authorization": "Bearer s3cr3t-t0ken"}
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
CHROME = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
}

# Flask-Login 0.6.3 dates its cookie in a way that Python 3.12 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


# As the tutorial's reader writes them, for both


def prepared(variant):
    """The tutorial's module, its tables made anew."""
    tutorial = import_module(f"tutorials.onefile.{variant}")
    if variant == "moved":
        configure(tutorial.app)
    tutorial.app.config["TESTING"] = True
    with tutorial.app.app_context():
        tutorial.db.drop_all()
        tutorial.db.create_all()
        ann = tutorial.User(username="ann", api_token="s3cr3t-t0ken")
        ann.set_password("ann's password")
        admin = tutorial.User(username="admin", is_admin=True)
        admin.set_password("admin's password")
        tutorial.db.session.add_all([ann, admin])
        tutorial.db.session.commit()
    return tutorial.app


@pytest.fixture(params=VARIANTS)
def client(request):
    with prepared(request.param).test_client() as client:
        yield client


def login(client, username, password=None, **more):
    form = {"username": username, "password": password or f"{username}'s password"}
    return client.post("/login", data=form | more, follow_redirects=True)


def test_home_page(client):
    assert client.get("/").text == "Hello, stranger!"


def test_login_logout(client):
    assert login(client, "ann").text == "Hello, ann!"
    assert client.get("/profile").text == "Profile of ann"
    assert client.get("/logout", follow_redirects=True).text == "Hello, stranger!"


def test_wrong_password(client):
    assert "Wrong username or password." in login(client, "ann", "wrong").text


def test_unauthorized_handler(client):
    assert client.get("/profile").location == "/login?next=/profile"
    answer = client.get("/api/me")
    assert (answer.status_code, answer.json) == (401, {"error": "authentication required"})


def test_admin_required(client):
    assert client.get("/admin").status_code == 403
    login(client, "ann")
    assert client.get("/admin").status_code == 403
    login(client, "admin")
    assert client.get("/admin").text == "Admin panel"


def test_api_token(client):
    assert client.get("/api/me", headers=TOKEN).json == {"username": "ann"}
    assert client.get("/api/me", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/api/me").status_code == 401


def test_remember_me(client):
    answer = client.post("/login", data={"username": "ann", "password": "ann's password", "remember": "1"})
    assert any("Max-Age" in line or "Expires" in line for line in answer.headers.getlist("Set-Cookie"))


def test_strong_session_protection(client):
    client.post("/login", data={"username": "ann", "password": "ann's password"}, headers=FIREFOX)
    assert client.get("/profile", headers=FIREFOX).status_code == 200
    assert client.get("/profile", headers=CHROME).status_code == 302


# What the app has gained


@pytest.fixture
def moved():
    return prepared("moved")


@pytest.fixture
def session_cookie(moved):
    return moved.extensions["housekey"].cookies.session


def code_of(variant):
    """The lines of a file without its imports and its first sentence."""
    module = ast.parse((HERE / "onefile" / f"{variant}.py").read_text())
    return ast.unparse([node for node in module.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)])


def test_nothing_but_manager_and_model_has_changed():
    taught, moved = (code_of(variant).splitlines() for variant in VARIANTS)
    changes = [line for line in difflib.unified_diff(taught, moved, n=0, lineterm="") if line[1:].strip()]
    assert [line for line in changes if not line.startswith(("---", "+++", "@@"))] == [
        "-login_manager = LoginManager(app)",
        "+login_manager = Housekey(app, db).login_manager",
        "-    password_hash = db.Column(db.String(256))",
        "-    def set_password(self, password):",
        "-        self.password_hash = generate_password_hash(password)",
        "-    def check_password(self, password):",
        "-        return check_password_hash(self.password_hash, password)",
    ]


def test_a_test_may_plant_a_login(moved):
    """As taught, strong protection refuses it."""
    client = moved.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "1"
        session["_fresh"] = True
    assert client.get("/").text == "Hello, ann!"
    assert client.get("/danger").text == "The red button"


def test_strong_protection_holds_for_the_remembered_too(moved, session_cookie):
    client, thief = moved.test_client(), moved.test_client()
    form = {"username": "ann", "password": "ann's password", "remember": "1"}
    client.post("/login", data=form, headers=FIREFOX)
    thief.set_cookie(session_cookie, client.get_cookie(session_cookie).value)
    assert thief.get("/profile", headers=CHROME).status_code == 302
    assert client.get("/profile", headers=FIREFOX).status_code == 302


def test_remember_me_ends(moved, session_cookie, housekey_clock):
    client = moved.test_client()
    login(client, "ann", remember="1")
    assert client.get_cookie(session_cookie).max_age == timedelta(days=30).total_seconds()
    for _ in range(29):
        housekey_clock.forward(timedelta(days=1))
        assert client.get("/profile").status_code == 200
    housekey_clock.forward(timedelta(days=1))
    assert client.get("/profile").status_code == 302


def test_a_copied_cookie_is_dead_after_logout(moved, session_cookie):
    client, thief = moved.test_client(), moved.test_client()
    login(client, "ann", remember="1")
    thief.set_cookie(session_cookie, client.get_cookie(session_cookie).value)
    client.get("/logout")
    assert thief.get("/profile").status_code == 302


def test_a_login_is_fresh_for_a_while_only(moved, housekey_clock):
    client = moved.test_client()
    login(client, "ann")
    assert client.get("/danger").text == "The red button"
    housekey_clock.forward(timedelta(minutes=16))
    assert client.get("/danger").location == "/login?next=%2Fdanger"
    assert client.get("/profile").status_code == 200


def test_sessions_are_listed_and_ended(moved):
    here, there = moved.test_client(), moved.test_client()
    login(here, "ann")
    login(there, "ann")
    listed = here.get("/account/api/sessions").json["sessions"]
    other = next(session["id"] for session in listed if not session["current"])
    assert here.post(f"/account/sessions/{other}/end", headers=FROM_THIS_SITE).status_code == 303
    assert here.get("/profile").status_code == 200
    assert there.get("/profile").status_code == 302


def test_guesses_are_counted_on_the_tutorials_own_page(moved):
    thief = moved.test_client()
    for _ in range(6):
        login(thief, "ann", "wrong")
    assert "Wrong username or password." in login(thief, "ann").text
