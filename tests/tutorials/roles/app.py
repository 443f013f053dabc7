"""An app factory with roles, as many tutorials on Flask-Login write it."""

from flask import Flask

from .auth import auth
from .extensions import db, login_manager
from .main import main


def create_app(config=None):
    app = Flask(__name__, root_path=__file__.rpartition("/")[0])
    app.config["SECRET_KEY"] = "you-will-never-guess"
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///:memory:"
    app.config.update(config or {})

    db.init_app(app)
    login_manager.init_app(app)

    app.register_blueprint(auth)
    app.register_blueprint(main)
    with app.app_context():
        db.create_all()
    return app
