"""The same app with Housekey, on the same table."""

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import synonym

from housekey import Housekey, UserMixin

db = SQLAlchemy()


class User(UserMixin, db.Model):
    __tablename__ = "users"

    id = db.Column(db.Integer, primary_key=True)
    username = db.Column("login", db.String(80), unique=True, nullable=False)
    login = synonym("username")
    email = db.Column(db.String(120), unique=True)
    name = None
    pw_hash = db.deferred(db.Column(db.String(256)))
    orders = db.relationship("Order", backref="customer")


class Order(db.Model):
    __tablename__ = "orders"

    id = db.Column(db.Integer, primary_key=True)
    customer_id = db.Column(db.ForeignKey("users.id"), nullable=False)


def create_app(config):
    app = Flask("shop")
    app.config["HOUSEKEY_PASSWORDS_LEGACY_COLUMN"] = "pw_hash"
    app.config.update(config)
    db.init_app(app)
    Migrate(app, db, render_as_batch=True)
    Housekey(app, db)
    return app
