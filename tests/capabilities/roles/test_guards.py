"""Guards of a host's views: who may, who may not, and what those get instead."""

from datetime import timedelta

import pytest
from flask import Blueprint, flash, redirect
from flask.views import MethodView
from flask_restful import Api, Resource

from housekey import (
    ConfigurationError,
    aal_required,
    authorize,
    guard_blueprint,
    login_required,
    permission_required,
    roles_accepted,
    roles_required,
)
from housekey.kernel import clock
from rig.apps import registered, small_app
from rig.people import grant, revoke, role

GUARDS = {
    "/all": roles_required("editor", "staff"),
    "/any": roles_accepted("editor", "staff"),
    "/may": permission_required("posts:edit"),
    "/may-both": permission_required("posts:edit", "posts:delete"),
}
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


def add_views(app):
    for path, guard in GUARDS.items():
        app.add_url_rule(path, path, guard(lambda: "in"))

    class Desk(MethodView):
        decorators = [roles_required("editor")]

        def get(self):
            return "in"

        def post(self):
            return "in"

    app.add_url_rule("/desk", view_func=Desk.as_view("desk"))

    @app.get("/async")
    @roles_required("editor")
    async def later():
        return "in"

    closed = Blueprint("closed", __name__, url_prefix="/closed")
    closed.before_request(guard_blueprint(roles_required("editor")))
    closed.add_url_rule("/one", "one", lambda: "in")
    closed.add_url_rule("/two/<int:number>", "two", lambda number: "in")
    app.register_blueprint(closed)
    quiet = Blueprint("quiet", __name__, url_prefix="/quiet")
    quiet.before_request(guard_blueprint())
    quiet.add_url_rule("/", "home", lambda: "in")
    app.register_blueprint(quiet)
    two = Blueprint("two", __name__, url_prefix="/two")
    two.before_request(guard_blueprint(login_required, roles_required("staff"), permission_required("posts:edit")))
    two.add_url_rule("/", "home", lambda: "in")
    app.register_blueprint(two)


GUARDED = [*GUARDS, "/desk", "/async", "/closed/one", "/closed/two/1", "/two/"]


@pytest.fixture
def app():
    app = small_app()
    add_views(app)
    role(app, "editor", "posts:edit")
    role(app, "staff")
    return app


def status(client, path, **more):
    return client.get(path, **more).status_code


@pytest.mark.asvs("8.2.1", "8.3.1")
@pytest.mark.parametrize("path", GUARDED)
def test_who_has_no_role_may_nothing(app, path):
    ann = registered(app)
    assert status(ann, path) == 403
    assert status(ann, path, headers=JSON) == 403
    assert ann.get(path, headers=JSON).json["code"] == "forbidden"


@pytest.mark.parametrize("path", [*GUARDED, "/quiet/"])
def test_nobody_is_sent_to_log_in_and_comes_back(app, path):
    answer = app.test_client().get(path, headers=HTML)
    assert answer.status_code == 302
    assert answer.location.startswith("/account/login?next=")
    problem = app.test_client().get(path, headers=JSON)
    assert (problem.status_code, problem.json["code"]) == (401, "not_logged_in")


@pytest.mark.parametrize(
    ("given", "open_to"),
    [
        (["editor"], {"/any", "/may", "/desk", "/async", "/closed/one", "/closed/two/1"}),
        (["staff"], {"/any"}),
        (["editor", "staff"], set(GUARDED) - {"/may-both"}),
    ],
)
def test_each_guard_asks_for_what_it_names(app, given, open_to):
    ann = registered(app)
    grant(app, "ann@example.test", *given)
    assert {path for path in GUARDED if status(ann, path) == 200} == open_to


def test_a_post_to_a_guarded_view_is_guarded_too(app):
    ann = registered(app)
    assert ann.post("/desk").status_code == 403
    grant(app, "ann@example.test", "editor")
    assert ann.post("/desk").status_code == 200


@pytest.mark.asvs("8.3.2")
@pytest.mark.parametrize("path", ["/desk", "/any", "/may", "/closed/one"])
def test_a_role_taken_away_counts_at_the_next_request(app, path):
    ann = registered(app)
    grant(app, "ann@example.test", "editor")
    assert status(ann, path) == 200
    revoke(app, "ann@example.test", "editor")
    assert status(ann, path) == 403


def test_what_a_role_no_longer_permits_counts_at_the_next_request(app):
    ann = registered(app)
    grant(app, "ann@example.test", "editor")
    assert status(ann, "/may") == 200
    role(app, "editor", "posts:read")
    assert status(ann, "/may") == 403


@pytest.mark.asvs("7.5.3")
def test_a_view_may_ask_for_a_level_and_for_a_recent_proof():
    app = small_app()
    for level in (1, 2):
        app.add_url_rule(f"/level/{level}", f"level{level}", aal_required(level, max_age=60)(lambda: "in"))
    ann = registered(app)
    assert status(ann, "/level/1") == 200
    problem = ann.get("/level/2", headers=JSON)
    assert (problem.status_code, problem.json["code"]) == (403, "second_factor_missing")
    with clock.stopped() as time:
        time.forward(timedelta(seconds=61))
        assert ann.get("/level/1", headers=JSON).json["code"] == "reauthentication_required"
        time.forward(timedelta(days=2))
        assert status(ann, "/level/1", headers=JSON) == 401


@pytest.mark.parametrize("guard", [roles_required, roles_accepted, permission_required])
@pytest.mark.parametrize("names", [(), ("",), ("editor", ""), (None,), (["editor"],)])
def test_a_guard_without_a_name_lets_nobody_in_but_stops_the_start(guard, names):
    with pytest.raises(ConfigurationError, match="at least one name"):
        guard(*names)


def test_a_guard_without_brackets_is_told(app):
    with pytest.raises(ConfigurationError):
        roles_required(lambda: "in")


def test_login_disabled_opens_the_hosts_views_and_none_of_ours(app):
    app.config["LOGIN_DISABLED"] = True
    anyone = app.test_client()
    assert {path for path in GUARDED if status(anyone, path) == 200} == set(GUARDED)
    for path in ("/account/", "/account/profile", "/account/admin/users"):
        assert status(anyone, path, headers=HTML) == 302
        assert status(anyone, path, headers=JSON) == 401
    assert status(anyone, "/account/api/admin/users") == 401


def test_a_preflight_is_not_asked_who_it_is(app):
    assert app.test_client().options("/any").status_code == 200


@pytest.mark.parametrize("path", GUARDED)
def test_a_host_may_turn_a_403_into_a_message_and_a_redirect(app, path):
    @app.accounts.forbidden_handler
    def forbidden(error):
        flash("Not for you.")
        return redirect("/home")

    ann = registered(app)
    answer = ann.get(path, headers=HTML)
    assert (answer.status_code, answer.location) == (302, "/home")
    with ann.session_transaction() as session:
        assert ("message", "Not for you.") in session["_flashes"]


@pytest.mark.parametrize("path", GUARDED)
def test_a_program_gets_a_problem_even_where_people_are_redirected(app, path):
    app.accounts.forbidden_handler(lambda error: redirect("/home"))
    answer = registered(app).get(path, headers=JSON)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_our_own_pages_answer_with_the_hosts_handler_too(app):
    app.accounts.forbidden_handler(lambda error: redirect("/home"))
    ann = registered(app)
    assert ann.get("/account/admin/users", headers=HTML).location == "/home"
    assert ann.get("/account/api/admin/users").json["code"] == "forbidden"


def test_in_production_a_refused_resource_of_flask_restful_is_no_error_of_ours():
    class Desk(Resource):
        method_decorators = [roles_required("editor")]

        def get(self):
            return "in"

    class Post(Resource):
        def get(self):
            authorize("edit", object())

        def post(self):
            raise RuntimeError("the host's own mistake")

    app = small_app()
    api = Api(app)
    api.add_resource(Desk, "/resource")
    api.add_resource(Post, "/post")
    ann = registered(app)
    app.config["PROPAGATE_EXCEPTIONS"] = app.testing = False
    for path in ("/resource", "/post"):
        assert ann.get(path, headers=JSON).json["code"] == "forbidden"
        assert status(ann, path, headers=HTML) == 403
        assert app.test_client().get(path, headers=JSON).json["code"] == "not_logged_in"
        assert status(app.test_client(), path, headers=HTML) == 302
    assert ann.post("/post").status_code == 500


def test_a_guarded_page_is_never_cached_for_another(app):
    ann = registered(app)
    grant(app, "ann@example.test", "editor")
    answer = ann.get("/desk")
    assert answer.vary.to_header() == "Cookie"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_disabled_user_has_no_role_left(app):
    from housekey.capabilities.admin import actions
    from rig.people import house_of, id_of

    ann = registered(app)
    grant(app, "ann@example.test", "editor")
    user_id = id_of(app)
    house_of(app).run(lambda unit: actions.set_disabled(unit, user_id, True))
    assert status(ann, "/desk", headers=JSON) == 401
