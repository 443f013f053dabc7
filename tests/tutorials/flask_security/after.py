"""An app that was written with Flask-Security, on the tables that it has left."""

from uuid import uuid4

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

from housekey import Housekey, UserMixin, current_user, login_required, permission_required, roles_accepted
from housekey.capabilities.roles import actions as roles
from housekey.capabilities.verification import actions as verification

db = SQLAlchemy()
accounts = Housekey(db=db)


class User(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(255), unique=True, nullable=False)
    username = db.Column(db.String(255), unique=True)
    name = None
    password = db.deferred(db.Column(db.String(255)))
    active = db.Column(db.Boolean, nullable=False, default=True)
    confirmed_at = db.Column(db.DateTime)

    @property
    def is_active(self):
        return self.active and super().is_active

    fs_uniquifier = db.Column(db.String(64), unique=True, nullable=False, default=lambda: uuid4().hex)

    def get_id(self):
        return self.fs_uniquifier


@accounts.login_manager.user_loader
def load_user(fs_uniquifier):
    return db.session.scalar(db.select(User).filter_by(fs_uniquifier=fs_uniquifier))


def move_roles():
    """Copy Flask-Security's roles, with their permissions and members, once."""
    held = db.session.execute(
        text(
            "SELECT role.name, role.permissions, roles_users.user_id FROM role"
            " LEFT JOIN roles_users ON roles_users.role_id = role.id"
        )
    ).all()
    with accounts.house.write() as unit:
        for name, permissions, user_id in held:
            if not roles.exists(unit, name):
                roles.create(unit, name, [p for p in (permissions or "").split(",") if p])
            if user_id is not None:
                roles.grant(unit, user_id, name)


def move_confirmations():
    """Note whose address Flask-Security has had confirmed, once."""
    confirmed = db.session.execute(db.select(User.id, User.email).where(User.confirmed_at.is_not(None))).all()
    with accounts.house.write() as unit:
        for user_id, email in confirmed:
            verification.mark(unit, user_id, email)


def create_app(config):
    app = Flask("studio")
    app.config.update(config)
    app.config["HOUSEKEY_PASSWORDS_LEGACY_COLUMN"] = "password"
    app.config["HOUSEKEY_PASSWORDS_FLASK_SECURITY_SALT"] = app.config["SECURITY_PASSWORD_SALT"]
    app.config["HOUSEKEY_LOGIN_BRIDGE_UNTIL"] = "2026-12-31"
    db.init_app(app)
    accounts.init_app(app)
    app.cli.command("move-roles")(move_roles)
    app.cli.command("move-confirmations")(move_confirmations)
    add_views(app)
    return app


def add_views(app):
    @app.get("/")
    @login_required
    def home():
        return f"Hello, {current_user.email}!"

    @app.get("/drafts")
    @roles_accepted("editor", "admin")
    def drafts():
        return "Drafts"

    @app.get("/publish")
    @permission_required("posts:publish")
    def publish():
        return "Published"
