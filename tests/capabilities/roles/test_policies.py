"""Policies: who may do what with which object, asked in views, templates and queries."""

import pytest
import sqlalchemy as sa
from flask import abort, render_template_string
from sqlalchemy.orm import Mapped, aliased, mapped_column

from housekey import ConfigurationError, accessible, authorize, can, current_identity, current_user
from rig.apps import registered, small_app
from rig.people import grant, id_of, revoke, role

HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def app():
    app = small_app(own_models=True)
    accounts = app.accounts

    class Post(accounts.Base):
        __tablename__ = "posts"
        id: Mapped[int] = mapped_column(primary_key=True)
        owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
        kind: Mapped[str] = mapped_column(default="post")
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "post"}

    class Note(Post):
        __mapper_args__ = {"polymorphic_identity": "note"}

    class Secret(Post):
        __mapper_args__ = {"polymorphic_identity": "secret"}

    @accounts.policy(Post, "edit", "delete")
    def may_edit(identity, post):
        return post.owner_id == identity.user_id or "posts:edit" in identity.permissions

    @accounts.policy(Post, "create")
    def may_create(identity, model):
        return "writer" in identity.roles

    accounts.policy(Secret, "edit")(lambda identity, secret: False)

    @accounts.filter(Post, "edit")
    def editable(identity):
        return "posts:edit" in identity.permissions or Post.owner_id == identity.user_id

    def post_of(number):
        return accounts.session.get(Post, number) or abort(404)

    @app.get("/posts/<int:number>/edit")
    def edit(number):
        authorize("edit", post_of(number))
        return "edited"

    @app.get("/posts/<int:number>/shown")
    def shown(number):
        page = "{% if can('edit', post) %}edit{% endif %}{% if can('publish', post) %}publish{% endif %}"
        return render_template_string(page, post=post_of(number))

    @app.get("/posts")
    def mine():
        found = accounts.session.scalars(accessible(sa.select(Post).order_by(Post.id), "edit"))
        return {"ids": [post.id for post in found]}

    app.add_url_rule("/inside", "inside")
    app.models = Post, Note, Secret
    return app


@pytest.fixture
def people(app):
    """Ann, who owns post 1 (and note 3, secret 4), and Bob, who owns post 2."""
    ann, bob = registered(app), registered(app, "bob@example.test")
    Post, Note, Secret = app.models
    ann_id, bob_id = id_of(app), id_of(app, "bob@example.test")
    ann.get("/posts")  # the first request makes the host's own tables
    with app.app_context():
        session = app.accounts.session
        session.add_all([Post(id=1, owner_id=ann_id), Post(id=2, owner_id=bob_id)])
        session.add_all([Note(id=3, owner_id=ann_id), Secret(id=4, owner_id=ann_id)])
        session.commit()
    return ann, bob


def inside(app, client, act):
    """What `act` answers inside a request of this browser."""
    found = []
    app.view_functions["inside"] = lambda: found.append(act()) or "ok"
    assert client.get("/inside").status_code == 200
    return found[0]


@pytest.mark.asvs("8.2.2")
def test_another_owners_object_is_never_changed_by_its_number(app, people):
    ann, bob = people
    assert ann.get("/posts/1/edit").text == "edited"
    assert ann.get("/posts/2/edit", headers=HTML).status_code == 403
    assert ann.get("/posts/2/edit", headers=JSON).json["code"] == "forbidden"
    assert bob.get("/posts/2/edit").text == "edited"
    assert bob.get("/posts/1/edit").status_code == 403


def test_nobody_is_sent_to_log_in(app, people):
    anyone = app.test_client()
    answer = anyone.get("/posts/1/edit", headers=HTML)
    assert (answer.status_code, answer.location) == (302, "/account/login?next=%2Fposts%2F1%2Fedit")
    assert anyone.get("/posts/1/edit", headers=JSON).json["code"] == "not_logged_in"
    assert anyone.get("/posts", headers=JSON).json["code"] == "not_logged_in"


def test_templates_show_only_what_one_may_do(app, people):
    ann, bob = people
    assert ann.get("/posts/1/shown").text == "edit"
    assert bob.get("/posts/1/shown").text == ""
    assert app.test_client().get("/posts/1/shown").text == ""


def test_a_list_holds_only_what_one_may_edit(app, people):
    ann, bob = people
    assert ann.get("/posts").json == {"ids": [1, 3, 4]}
    assert bob.get("/posts").json == {"ids": [2]}


def test_a_permission_opens_and_closes_all_of_them_at_the_next_request(app, people):
    _ann, bob = people
    role(app, "editor", "posts:edit")
    grant(app, "bob@example.test", "editor")
    assert bob.get("/posts/1/edit").text == "edited"
    assert bob.get("/posts").json == {"ids": [1, 2, 3, 4]}
    revoke(app, "bob@example.test", "editor")
    assert bob.get("/posts/1/edit").status_code == 403
    assert bob.get("/posts").json == {"ids": [2]}


def test_a_subclass_follows_its_parents_policy_unless_it_has_its_own(app, people):
    ann, bob = people
    assert ann.get("/posts/3/edit").text == "edited"
    assert bob.get("/posts/3/edit").status_code == 403
    assert ann.get("/posts/4/edit").status_code == 403


def test_without_a_policy_the_answer_is_no(app, people):
    ann, _bob = people
    post = app.models[0](id=9, owner_id=id_of(app))
    role(app, "writer")
    grant(app, "ann@example.test", "admin", "writer")
    questions = [("publish", post), ("", post), ("edit", object()), ("edit", None), ("edit", 1), ("edit", int)]
    assert inside(app, ann, lambda: [can(*question) for question in questions]) == [False] * len(questions)
    assert inside(app, ann, lambda: can("edit", post)) is True


def test_a_class_may_be_asked_about_too(app, people):
    ann, _bob = people
    role(app, "writer")
    assert inside(app, ann, lambda: can("create", app.models[0])) is False
    grant(app, "ann@example.test", "writer")
    assert inside(app, ann, lambda: can("create", app.models[1])) is True


def test_current_user_is_judged_as_the_user_it_stands_for(app, people):
    ann, bob = people
    app.accounts.policy(app.accounts.User, "see")(lambda identity, user: user.id == identity.user_id)
    assert inside(app, ann, lambda: can("see", current_user)) is True
    other = app.accounts.User(id=id_of(app))
    assert inside(app, bob, lambda: can("see", other)) is False


@pytest.mark.parametrize("answer", [1, "yes", [1], object(), sa.literal(1) == 1])
def test_half_an_answer_is_no_answer(app, people, answer):
    ann, _bob = people
    app.accounts.policy(app.models[0], "publish")(lambda identity, post: answer)
    with pytest.raises(ConfigurationError, match="must answer True or False"):
        inside(app, ann, lambda: can("publish", app.models[0]))


@pytest.mark.parametrize("answer", [None, False])
def test_a_policy_that_ends_without_a_word_says_no(app, people, answer):
    ann, _bob = people
    app.accounts.policy(app.models[0], "publish")(lambda identity, post: answer)
    assert inside(app, ann, lambda: can("publish", app.models[0])) is False


@pytest.mark.parametrize("answer", [None, False])
def test_a_filter_that_ends_without_a_word_shows_nothing(app, people, answer):
    ann, _bob = people
    Post = app.models[0]
    app.accounts.filter(Post, "publish")(lambda identity: answer)
    rows = inside(app, ann, lambda: app.accounts.session.scalars(accessible(sa.select(Post), "publish")).all())
    assert rows == []


def test_a_list_without_a_filter_is_never_open(app, people):
    ann, _bob = people
    with pytest.raises(ConfigurationError, match="register one with @accounts"):
        inside(app, ann, lambda: accessible(sa.select(app.models[0]), "publish"))


def test_a_list_of_no_model_is_refused(app, people):
    ann, _bob = people
    Post = app.models[0]
    for statement in (
        sa.select(aliased(Post)),
        sa.select(sa.func.count()),
        sa.select(sa.text("1")),
        sa.select(Post.__table__),
        sa.delete(Post),
        "select 1",
    ):
        with pytest.raises(ConfigurationError, match="accessible\\(\\) takes"):
            inside(app, ann, lambda statement=statement: accessible(statement, "edit"))


@pytest.mark.parametrize("names", [(), ("",), (None,)])
@pytest.mark.parametrize("register", ["policy", "filter"])
def test_a_policy_for_nothing_is_refused_at_once(app, register, names):
    with pytest.raises(ConfigurationError, match="Name a model"):
        getattr(app.accounts, register)(app.models[0], *names)
    with pytest.raises(ConfigurationError, match="Name a model"):
        getattr(app.accounts, register)("Post", "edit")


def test_login_disabled_switches_off_guards_and_no_policy(app, people):
    app.config["LOGIN_DISABLED"] = True
    anyone = app.test_client()
    assert anyone.get("/posts/1/edit", headers=JSON).status_code == 401
    assert anyone.get("/posts/1/shown").text == ""


def test_forbidden_handler_answers_for_policies_too(app, people):
    from flask import redirect

    app.accounts.forbidden_handler(lambda error: redirect("/home"))
    _ann, bob = people
    assert bob.get("/posts/1/edit", headers=HTML).location == "/home"
    assert bob.get("/posts/1/edit", headers=JSON).status_code == 403


def test_outside_of_a_request_nobody_asks(app):
    with app.app_context():
        assert can("edit", app.models[0]) is False
        assert not current_identity


def test_a_hosts_own_can_in_templates_stays():
    from flask import Flask

    from housekey import Housekey

    app = Flask("other")
    app.config.update(TESTING=True, SECRET_KEY="k" * 40, SQLALCHEMY_DATABASE_URI="sqlite://")
    app.jinja_env.globals["can"] = "mine"
    Housekey(app)
    with app.test_request_context():
        assert render_template_string("{{ can }}") == "mine"
