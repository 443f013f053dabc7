"""What Flask-Login's functions promise over Housekey's sessions, whichever of the two they are imported from."""

import flask_login
import pytest
from flask import Blueprint, Flask, Response, g, request
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

import housekey
from housekey import Housekey, current_identity, guard_blueprint
from housekey.errors import ConfigurationError, HostTransactionOpen
from housekey.store import devices
from housekey.web import planted
from housekey.web.manager import LoginManager
from housekey.web.session_owner import MARK
from web.hosts import ANN, BOB, CONFIG, INA, TAUGHT, Robot, User, db, fill, make_host, user_named


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    return make_host(sqlite_url, request.param)


def statements(host, act):
    """The SELECTs and other statements that `act()` sends."""
    sent = []
    with host.app.app_context():
        engine = db.engine

    def note(connection, cursor, statement, *rest):
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sent


# In and out


def test_login_opens_private_pages_and_logout_closes_them(host):
    browser = host.browser()
    assert browser.get("/private").status_code == 302
    assert browser.post("/login?next=/greeting", data={"email": ANN}).location == "/greeting"
    assert browser.get("/private").text == browser.get("/greeting").text == "Ann"
    assert browser.post("/logout").text == "False"
    assert browser.get("/private").status_code == 302
    assert browser.get("/greeting").text == "nobody"


def test_a_copied_cookie_is_worthless_after_logout(host):
    browser, thief = host.browser(ANN), host.browser()
    thief.set_cookie(host.cookie, browser.get_cookie(host.cookie).value)
    assert thief.get("/private").text == "Ann"
    browser.post("/logout")
    assert browser.get_cookie(host.cookie) is None
    assert thief.get("/private").status_code == 302
    assert host.live() == []


def test_logging_in_again_gives_a_new_token_and_ends_the_old_one(host):
    browser, thief = host.browser(ANN), host.browser()
    thief.set_cookie(host.cookie, browser.get_cookie(host.cookie).value)
    browser.post("/login", data={"email": ANN})
    assert browser.get("/private").text == "Ann"
    assert thief.get("/private").status_code == 302
    assert len(host.live()) == 1


def test_another_person_who_logs_in_takes_the_place_of_the_first(host):
    browser = host.browser(ANN)
    browser.post("/login", data={"email": BOB})
    assert browser.get("/private").text == "Bob"
    assert len(host.live()) == 1


def test_two_browsers_are_two_people(host):
    ann, bob = host.browser(ANN), host.browser(BOB)
    assert (ann.get("/private").text, bob.get("/private").text) == ("Ann", "Bob")
    bob.post("/logout")
    assert ann.get("/private").text == "Ann"


def test_current_user_changes_within_the_request(host):
    names = []

    @host.app.post("/in-and-out")
    def in_and_out():
        for step in (lambda: host.api.login_user(user_named(ANN)), host.api.logout_user):
            step()
            names.append(getattr(host.api.current_user, "name", None))
        return ""

    host.app.test_client().post("/in-and-out")
    assert names == ["Ann", None]


def test_what_one_request_opens_and_closes_again_is_closed(host):
    """A view may find out after `login_user` that it lets this person in no further."""

    @host.app.post("/at-once")
    def at_once():
        host.api.login_user(user_named(ANN))
        host.api.logout_user()
        return "out"

    browser = host.browser()
    browser.post("/at-once")
    assert host.live() == []
    assert browser.get("/private").status_code == 302


def test_of_two_who_log_in_in_one_request_the_last_stays_alone(host):
    @host.app.post("/both")
    def both():
        host.api.login_user(user_named(ANN))
        host.api.login_user(user_named(BOB))
        return "both"

    browser = host.browser()
    browser.post("/both")
    assert browser.get("/private").text == "Bob"
    assert len(host.live()) == 1


def test_logout_without_a_login_harms_nothing(host):
    host.app.add_url_rule("/out", view_func=lambda: str(host.api.logout_user()))
    assert host.browser().get("/out").text == "True"


# Nobody's word but the database's


def test_nothing_of_flask_login_stays_in_flasks_session(host):
    browser = host.browser(ANN)
    browser.get("/private")
    assert browser.get_cookie("session") is None
    browser.post("/flash")
    assert browser.get("/flask-session").json == {"_flashes": [["message", "hi"]]}
    browser.post("/confirm")
    browser.post("/login", data={"email": ANN, "remember": "1"})
    assert browser.get("/flask-session").json == {"_flashes": [["message", "hi"]]}


def test_what_flask_login_left_in_the_session_of_old_is_believed_by_nobody(host, monkeypatch):
    monkeypatch.setattr(planted, "believed", False)
    browser = host.browser()
    with browser.session_transaction() as session:
        session.update(_user_id="1", _fresh=True, _id="x", _remember="set", basket="1")
    assert browser.get("/private").status_code == browser.get("/fresh").status_code == 302
    assert browser.get("/identity").json is None
    browser.post("/login", data={"email": BOB, "stale": "1"})
    assert browser.get("/private").text == "Bob"
    assert browser.get("/fresh").status_code == 302
    assert browser.get("/flask-session").json.keys() <= {"basket", "_flashes", MARK}


def test_the_id_in_a_planted_session_is_believed_under_test_only(sqlite_url):
    host = make_host(sqlite_url, TESTING=False, HOUSEKEY_PASSWORDS_HASH_PROFILE="light")
    browser = host.browser()
    with browser.session_transaction() as session:
        session["_user_id"] = "1"
    assert browser.get("/private").status_code == 302


def test_somebody_inactive_is_told_so_and_not_let_in(host):
    host.disable(BOB)
    for email in (INA, BOB):
        browser = host.browser()
        assert browser.post("/login", data={"email": email}).status_code == 403
        assert browser.get("/private").status_code == 302
    assert host.live() == []
    assert not host.signals


def test_force_overrides_the_hosts_word_but_not_a_disabled_account(host):
    assert host.browser(INA, force="1").get("/private").text == "Ina"
    host.disable(BOB)
    answer = host.browser().post("/login", data={"email": BOB, "force": "1"})
    assert answer.status_code == (403 if host.api is housekey else 401)
    assert [row["user_id"] for row in host.live()] == [host.id_of(INA)]


def test_disabling_ends_what_is_open_at_the_next_request(host):
    browser = host.browser(ANN)
    host.disable(ANN)
    assert browser.get("/private").status_code == 302


def test_an_object_of_another_model_opens_nobodys_account(host):
    @host.app.post("/robot")
    def robot():
        host.api.login_user(db.session.get(Robot, 1))

    with pytest.raises(ConfigurationError, match="takes a User of this app, not Robot"):
        host.browser().post("/robot")


def test_somebody_never_saved_cant_log_in_and_the_cure_is_named(host):
    @host.app.post("/new")
    def new():
        host.api.login_user(User(email="new@example.org", welcome=True))

    with pytest.raises(ConfigurationError, match="commit"):
        host.browser().post("/new")


def test_work_not_committed_is_refused_at_once_and_the_cure_is_named(host):
    @host.app.post("/new")
    def new():
        user = User(email="new@example.org")
        db.session.add(user)
        db.session.flush()
        host.api.login_user(user)

    with pytest.raises(HostTransactionOpen, match="commit"):
        host.browser().post("/new")


def test_somebody_just_committed_logs_in(host):
    @host.app.post("/new")
    def new():
        user = User(email="new@example.org", name="New")
        db.session.add(user)
        db.session.commit()
        return str(host.api.login_user(user))

    browser = host.browser()
    assert browser.post("/new").text == "True"
    assert browser.get("/private").text == "New"


def test_current_user_can_be_logged_in_again(host):
    host.app.add_url_rule(
        "/again", methods=["POST"], view_func=lambda: str(flask_login.login_user(host.api.current_user))
    )
    browser = host.browser(ANN, stale="1")
    assert browser.post("/again").text == "True"
    assert browser.get("/fresh").text == "fresh"


# Whom the host's own functions name


def test_without_a_user_loader_the_user_comes_all_the_same(sqlite_url):
    assert make_host(sqlite_url, loader=False).browser(ANN).get("/private").text == "Ann"


def test_current_user_is_the_hosts_own_object_in_its_own_session(sqlite_url):
    for loader in (True, False):
        host = make_host(sqlite_url, loader=loader)

        @host.app.post("/motto")
        @flask_login.login_required
        def motto(host=host):
            flask_login.current_user.motto = "hear, hear"
            assert flask_login.current_user._get_current_object() in db.session
            db.session.commit()
            return ""

        assert host.browser(ANN).post("/motto").status_code == 200
        with host.app.app_context():
            assert user_named(ANN).motto == "hear, hear"


def test_an_alternative_id_goes_to_the_user_loader_and_back(sqlite_url):
    host, asked = make_host(sqlite_url), []

    class Known(User):
        def get_id(self):
            return f"alternative {self.email}"

    @host.manager.user_loader
    def load(text):
        asked.append(text)
        return user_named(text.removeprefix("alternative "))

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(User, "get_id", Known.get_id)
            assert host.browser(ANN).get("/private").text == "Ann"
    finally:
        User.__mapper__.registry._dispose_cls(Known)
    assert set(asked) == {f"alternative {ANN}"}


def test_a_user_loader_that_knows_nobody_makes_it_nobody_for_every_guard(host):
    known = True
    host.manager.user_loader(lambda text: db.session.get(User, int(text)) if known else None)
    host.app.add_url_rule("/guarded", view_func=housekey.login_required(lambda: current_identity.name))
    browser = host.browser(ANN)
    assert browser.get("/guarded").text == browser.get("/private").text == "Ann"
    known = False
    assert browser.get("/guarded").status_code == browser.get("/private").status_code == 302
    assert browser.get("/identity").json is None
    assert browser.get("/greeting").text == "nobody"


def test_somebody_deleted_is_nobody(host):
    browser = host.browser(BOB)
    with host.app.app_context():
        db.session.delete(user_named(BOB))
        db.session.commit()
    assert browser.get("/private").status_code == 302


def test_visitors_are_what_the_host_says_they_are(host):
    class Guest(housekey.AnonymousUserMixin):
        name = "guest"

    host.manager.anonymous_user = Guest
    host.app.add_url_rule("/who", "who", lambda: host.api.current_user.name)
    host.app.add_url_rule("/out", "out", lambda: host.api.logout_user() and host.api.current_user.name)
    assert host.browser().get("/who").text == "guest"
    assert host.browser(ANN).get("/out").text == "guest"


def test_token_loader_tells_what_to_do_instead(host):
    with pytest.raises(ConfigurationError, match="request_loader"):
        host.manager.token_loader(lambda token: None)


# Guards


def test_a_blueprint_is_guarded_as_a_whole(host):
    for name, guard in (("ours", guard_blueprint()), ("theirs", flask_login.login_required(lambda: None))):
        blueprint = Blueprint(name, __name__)
        blueprint.before_request(guard)
        blueprint.add_url_rule("/", view_func=lambda: "inside", endpoint="inside")
        host.app.register_blueprint(blueprint, url_prefix=f"/{name}")
    browser = host.browser(ANN)
    for path in ("/ours/", "/theirs/"):
        assert browser.get(path).text == "inside"
        assert host.browser().get(path).status_code == 302


def test_async_views_know_who_is_there(host):
    async def name():
        return host.api.current_user.name

    host.app.add_url_rule("/async", view_func=host.api.login_required(name))
    assert host.browser(ANN).get("/async").text == "Ann"
    assert host.browser().get("/async").status_code == 302


def test_login_disabled_switches_the_hosts_guards_off(host):
    host.app.config["LOGIN_DISABLED"] = True
    assert host.browser().get("/fresh").text == "fresh"
    assert host.browser().get("/account/sessions").status_code == 302


def test_options_pass_the_guards_as_with_flask_login(host):
    host.app.view_functions["private"] = host.api.login_required(lambda: "passed")
    assert host.browser().options("/private").text == "passed"


# Signals


def test_the_signals_of_flask_login_are_sent(host):
    heard, browser = host.signals, host.browser()
    browser.get("/private")
    browser.post("/login", data={"email": ANN, "stale": "1"})
    browser.get("/fresh")
    browser.post("/confirm")
    browser.post("/logout")
    assert heard == [
        ("user_unauthorized", None), ("user_logged_in", "Ann"), ("user_needs_refresh", None),
        ("user_login_confirmed", None), ("user_logged_out", "Ann"),
    ]  # fmt: skip


def test_housekeys_own_pages_and_calls_send_them_too(host):
    heard, browser = host.signals, host.browser()
    person = {"email": "eve@example.test", "password": "correct horse battery staple", "name": "Eve"}
    assert browser.post("/account/api/register", json=person).status_code == 201
    assert browser.post("/account/api/reauthenticate", json={"password": person["password"]}).status_code == 200
    assert browser.post("/account/logout", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert heard == [("user_logged_in", "Eve"), ("user_login_confirmed", None), ("user_logged_out", "Eve")]


def test_the_signals_are_housekeys_too():
    for name in ("user_logged_in", "user_logged_out", "user_login_confirmed", "user_loaded_from_request"):
        assert getattr(housekey, name) is getattr(flask_login.signals, name)


# One read


@pytest.mark.parametrize("loader", [True, False])
def test_current_user_costs_one_read_behind_every_guard(host, loader):
    if not loader:
        host.manager._user_callback = None
    host.app.add_url_rule("/ours", view_func=housekey.login_required(lambda: host.api.current_user.name))
    browser = host.browser(ANN)
    for path in ("/private", "/ours"):
        browser.get(path)  # which views want the user is learnt
        assert len(statements(host, lambda path=path: browser.get(path))) == 1


def test_identity_costs_one_read_and_nobody_none(host):
    browser, stranger = host.browser(ANN), host.browser()
    assert len(statements(host, lambda: browser.get("/identity"))) == 1
    assert statements(host, lambda: stranger.get("/identity")) == []
    stranger.set_cookie(host.cookie, "not a token")
    assert statements(host, lambda: stranger.get("/identity")) == []


def test_a_page_that_doesnt_ask_reads_nothing(host):
    browser = host.browser(ANN)
    assert statements(host, lambda: browser.get("/public-template")) == []


# Apps


@pytest.mark.parametrize("call", ["twice", "manager only", "accounts only"])
def test_tutorials_may_call_init_app_on_the_manager(sqlite_url, call):
    app = Flask("host")
    app.config.update(CONFIG, SQLALCHEMY_DATABASE_URI=sqlite_url)
    db.init_app(app)
    accounts = Housekey(db=db, user_model=User)
    if call != "manager only":
        accounts.init_app(app)
    if call != "accounts only":
        accounts.login_manager.init_app(app)
    assert app.login_manager is accounts.login_manager
    assert app.test_client().get("/account/login").status_code == 200


def test_another_manager_in_its_place_is_noticed_before_the_first_request(sqlite_url):
    host = make_host(sqlite_url)
    flask_login.LoginManager().init_app(host.app)
    with pytest.raises(ConfigurationError, match=r"Housekey\(app, …\)\.login_manager"):
        host.browser().get("/public")


def test_the_manager_is_found_where_flask_login_looks(host):
    assert isinstance(host.app.login_manager, LoginManager)
    assert isinstance(host.app.login_manager, flask_login.LoginManager)


def test_who_is_there_is_not_carried_into_another_app(host, sqlite_url, databases):
    with databases["sqlite"].fresh(fill) as other_url:
        other = make_host(other_url)

        @host.app.get("/old/<path:path>")
        @host.api.login_required
        def old(path):
            assert host.api.current_user.name == "Ann"
            return Response.from_app(other.app, {**request.environ, "PATH_INFO": f"/{path}"})

        @host.app.get("/old-site/<path:path>")
        def same_environ(path):
            assert host.api.current_user.name == "Ann"
            request.environ["PATH_INFO"] = f"/{path}"
            return Response.from_app(other.app, request.environ)

        browser = host.browser(ANN)
        assert browser.get("/old/identity").json is None
        assert browser.get("/old-site/identity").json is None


def test_work_that_a_database_refuses_gives_no_session(host):
    @host.app.post("/locked")
    def locked():
        try:
            host.api.login_user(user_named(ANN))
        except OperationalError:
            return str(host.api.current_user.is_authenticated)
        raise AssertionError("the database took it")

    def refuse(connection, cursor, statement, *rest):
        if statement.startswith("INSERT INTO housekey_sessions"):
            raise OperationalError(statement, {}, Exception("disk full"))

    with host.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", refuse)
    answer = host.browser().post("/locked")
    event.remove(engine, "before_cursor_execute", refuse)
    assert answer.text == "False"
    assert "Set-Cookie" not in answer.headers


def test_nobody_is_left_in_g_after_a_request(host):
    with host.app.app_context():
        host.browser(ANN).get("/private")
        assert "_login_user" not in g


# Housekey's own pages beside the host's


@pytest.mark.parametrize("as_column", [True, False])
def test_whom_the_host_calls_inactive_doesnt_come_in_by_housekeys_pages_either(sqlite_url, as_column, monkeypatch):
    host = make_host(sqlite_url)
    if as_column:
        monkeypatch.setattr(User, "is_active", User.welcome)
    with host.app.app_context():
        for email in (ANN, INA):
            user_named(email).set_password("a password of the host")
        db.session.commit()
    for email, page, api in ((ANN, 303, 200), (INA, 401, 401)):
        sent = {"identifier": email, "password": "a password of the host"}
        assert host.browser().post("/account/api/login", json=sent).status_code == api
        answer = host.browser().post("/account/login", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == page


def test_a_password_that_the_host_sets_leaves_no_browser_known_but_the_one_in_which_it_does(host):
    """Whoever knew the old one has tries of their own in each browser that is known."""

    @host.app.post("/password")
    @host.api.login_required
    def password():
        host.api.current_user.set_password("a password of the host")
        db.session.commit()
        return "set"

    owner, thief = host.browser(ANN), host.browser(ANN)
    assert owner.post("/password").text == "set"
    assert [is_known(host, browser) for browser in (owner, thief)] == [True, False]
    assert owner.get("/private").text == "Ann"
    with host.app.app_context():
        user_named(ANN).set_password("another one of the host")
        db.session.commit()
    assert not is_known(host, owner)


def is_known(host, browser):
    token = browser.get_cookie(f"{host.cookie}-device").value
    with host.app.app_context(), host.house.read() as connection:
        return devices.known(connection, host.house.store.schema, user_named(ANN).id, token) is not None


def test_whom_the_host_calls_inactive_proves_nothing_again(host):
    browser = host.browser(ANN)
    with host.app.app_context():
        user_named(ANN).set_password("a password of the host")
        user_named(ANN).welcome = False
        db.session.commit()
    browser.post("/login", data={"email": ANN, "force": "1"})
    answer = browser.post("/account/api/reauthenticate", json={"password": "a password of the host"})
    assert (answer.status_code, answer.json["code"]) == (401, "invalid_credentials")
