"""Guards and `current_user` work in every kind of view."""

import pytest
from flask import Blueprint, Flask
from flask.views import MethodView
from flask_restful import Api, Resource

from hosts.apps import with_flask_sqlalchemy
from hosts.apps.with_flask_sqlalchemy import Post, db
from housekey import (
    current_identity,
    current_user,
    fresh_login_required,
    guard_blueprint,
    login_required,
    roles_required,
)
from rig.apps import registered
from rig.people import grant, role

ANN, BOB = "ann@example.test", "bob@example.test"
BROWSER = {"Accept": "text/html"}


@pytest.fixture
def app(sqlite_url):
    return with_flask_sqlalchemy.make_app(sqlite_url)


def make_role(app):
    with app.app_context():
        role(app, "staff")


def give(app, name):
    with app.app_context():
        grant(app, ANN, name)


class TestAsync:
    @pytest.fixture
    def app(self, app: Flask):
        @app.get("/async")
        @login_required
        async def view():
            return f"{current_identity.name} {current_user.email}"

        @app.post("/async/<text>")
        @fresh_login_required
        async def write_later(text):
            current_user.posts.append(Post(text=text))
            db.session.commit()
            return str(len(current_user.posts))

        return app

    def test_an_async_view_knows_who_is_there(self, app):
        assert registered(app, ANN, name="Ann").get("/async").text == f"Ann {ANN}"

    def test_an_async_view_is_guarded(self, app):
        assert app.test_client().get("/async", headers=BROWSER).status_code == 302

    def test_an_async_view_writes_the_users_own_objects(self, app):
        ann = registered(app, ANN)
        assert [ann.post(f"/async/{n}").text for n in range(2)] == ["1", "2"]


class TestMethodView:
    @pytest.fixture
    def app(self, app: Flask):
        class Notes(MethodView):
            decorators = [login_required]

            def get(self):
                return ", ".join(post.text for post in current_user.posts)

            def post(self):
                current_user.posts.append(Post(text="note"))
                db.session.commit()
                return self.get(), 201

        class Admin(MethodView):
            @roles_required("admin")
            def get(self):
                return current_user.email

        app.add_url_rule("/notes", view_func=Notes.as_view("notes"))
        app.add_url_rule("/admin", view_func=Admin.as_view("admin"))
        return app

    def test_all_methods_of_a_view_are_guarded(self, app):
        stranger = app.test_client()
        assert stranger.get("/notes", headers=BROWSER).status_code == 302
        assert stranger.post("/notes", json={}).status_code == 401

    def test_the_person_sees_the_own_objects(self, app):
        ann, bob = registered(app, ANN), registered(app, BOB)
        assert ann.post("/notes", json={}).status_code == 201
        assert (ann.get("/notes").text, bob.get("/notes").text) == ("note", "")

    def test_one_method_can_be_guarded_alone(self, app):
        ann = registered(app, ANN)
        assert ann.get("/admin").status_code == 403
        give(app, "admin")
        assert ann.get("/admin").text == ANN


class TestFlaskRestful:
    @pytest.fixture
    def app(self, app: Flask):
        class Posts(Resource):
            method_decorators = [login_required]

            def get(self):
                return [{"text": post.text} for post in current_user.posts]

            @fresh_login_required
            def post(self):
                current_user.posts.append(Post(text="new"))
                db.session.commit()
                return {"text": "new"}, 201

        class Staff(Resource):
            @roles_required("staff")
            def get(self):
                return {"who": current_identity.name}

        api = Api(app)
        api.add_resource(Posts, "/api/posts")
        api.add_resource(Staff, "/api/staff")
        return app

    def test_a_resource_answers_with_the_own_objects(self, app):
        ann = registered(app, ANN)
        assert ann.post("/api/posts", json={}).status_code == 201
        assert ann.get("/api/posts").json == [{"text": "new"}]

    def test_strangers_get_problem_details_and_no_page(self, app):
        answer = app.test_client().get("/api/posts", headers={"Accept": "application/json"})
        assert answer.status_code == 401
        assert answer.json["code"] == "not_logged_in"

    def test_who_lacks_the_role_gets_problem_details(self, app):
        ann = registered(app, ANN, name="Ann")
        answer = ann.get("/api/staff", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
        make_role(app)
        give(app, "staff")
        assert ann.get("/api/staff").json == {"who": "Ann"}


class TestBlueprint:
    @pytest.fixture
    def app(self, app: Flask):
        office = Blueprint("office", __name__, url_prefix="/office")
        office.before_request(guard_blueprint(roles_required("staff")))
        desk = Blueprint("desk", __name__, url_prefix="/desk")
        desk.before_request(guard_blueprint())

        @office.route("/", methods=["GET", "POST"])
        def room():
            return f"room of {current_user.email}"

        @desk.get("/")
        async def own_desk():
            return f"desk of {current_user.email}"

        office.register_blueprint(desk)
        app.register_blueprint(office)
        make_role(app)
        return app

    @pytest.mark.parametrize("place", ["/office/", "/office/desk/"])
    def test_a_whole_blueprint_and_those_within_it_are_guarded(self, app, place):
        assert app.test_client().get(place, headers=BROWSER).status_code == 302
        ann = registered(app, ANN)
        assert ann.get(place).status_code == 403
        give(app, "staff")
        assert ann.get(place).status_code == 200

    def test_changing_requests_are_guarded_too(self, app):
        assert registered(app, ANN).post("/office/", json={}).status_code == 403

    def test_pages_elsewhere_stay_open(self, app):
        assert app.test_client().get("/public").status_code == 200
