"""The extensions that hosts use work here without a warning (warnings are errors), so that one in a test is ours."""

import logging

import pytest
from flask import Flask, render_template_string
from flask_migrate import Migrate, init, migrate, upgrade
from flask_restful import Api, Resource
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_lite import SQLAlchemy as Lite
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired

from rig.logs import logging_as_it_was

log = logging.getLogger("housekey.tests.elsewhere")


def make_app(url, **config):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="k" * 40, SQLALCHEMY_DATABASE_URI=url, TESTING=True, **config)
    return app


def test_flask_sqlalchemy(database_url):
    app, db = make_app(database_url), SQLAlchemy()

    class User(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(50), unique=True)
        posts = db.relationship("Post", backref="author")

    class Post(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        author_id = db.Column(db.ForeignKey("user.id"))

    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add(User(name="Ann", posts=[Post(), Post()]))
        db.session.commit()
        ann = db.session.get(User, 1)
        assert [post.author for post in ann.posts] == [ann, ann]
        assert db.paginate(select(User)).total == 1
        assert User.query.filter_by(name="Ann").first_or_404() is ann


def test_flask_sqlalchemy_lite(database_url):
    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)

    app, db = Flask(__name__), Lite()
    app.config["SQLALCHEMY_ENGINES"] = {"default": database_url}
    db.init_app(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        db.session.add(User())
        db.session.commit()
        assert db.session.get(User, 1)


def test_flask_migrate_which_silences_the_log_only_while_it_runs(sqlite_url, tmp_path, caplog):
    app, db = make_app(sqlite_url), SQLAlchemy()

    class User(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    db.init_app(app)
    Migrate(app, db, directory=str(tmp_path / "migrations"), render_as_batch=True)
    with app.app_context(), logging_as_it_was():
        init()
        migrate(message="users")
        upgrade()
        db.session.add(User())
        db.session.commit()
        assert log.disabled
    log.warning("seen")
    assert "seen" in caplog.text


class LoginForm(FlaskForm):
    email = EmailField(validators=[DataRequired()])
    password = PasswordField(validators=[DataRequired()])


@pytest.mark.parametrize(("sent", "answer"), [({}, 400), ({"email": "a@b.c", "password": "x"}, 200)])
def test_flask_wtf(sent, answer):
    app = make_app("sqlite://", WTF_CSRF_ENABLED=False)
    CSRFProtect(app)

    @app.post("/login")
    def login():
        form = LoginForm()
        return render_template_string("{{ form.email }}", form=form), 200 if form.validate_on_submit() else 400

    assert app.test_client().post("/login", data=sent).status_code == answer


def test_flask_restful():
    class Hello(Resource):
        def get(self):
            return {"hello": "world"}

    app = make_app("sqlite://")
    Api(app).add_resource(Hello, "/")
    assert app.test_client().get("/").json == {"hello": "world"}
