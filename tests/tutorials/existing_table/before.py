"""An app of some years, with users and their hashes in a table of its own."""

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import generate_password_hash

db = SQLAlchemy()


class User(db.Model):
    __tablename__ = "users"

    id = db.Column(db.Integer, primary_key=True)
    login = db.Column(db.String(80), unique=True, nullable=False)
    email = db.Column(db.String(120), unique=True)
    pw_hash = db.Column(db.String(256))
    orders = db.relationship("Order", backref="customer")


class Order(db.Model):
    __tablename__ = "orders"

    id = db.Column(db.Integer, primary_key=True)
    customer_id = db.Column(db.ForeignKey("users.id"), nullable=False)


def create_app(config):
    app = Flask("shop")
    app.config.update(config)
    db.init_app(app)
    Migrate(app, db, render_as_batch=True)
    return app


def register(login, email, password):
    db.session.add(User(login=login, email=email, pw_hash=generate_password_hash(password)))
    db.session.commit()
