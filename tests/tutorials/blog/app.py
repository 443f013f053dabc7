"""A blog with accounts, forms and owners, as many tutorials on Flask write it."""

from flask import Flask

from .extensions import csrf, db, login_manager
from .posts import posts
from .users import users


def create_app(config=None):
    app = Flask(__name__, root_path=__file__.rpartition("/")[0])
    app.config["SECRET_KEY"] = "5791628bb0b13ce0c676dfde280ba245"
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///:memory:"
    app.config.update(config or {})

    db.init_app(app)
    csrf.init_app(app)
    login_manager.init_app(app)

    app.register_blueprint(users)
    app.register_blueprint(posts)
    return app
