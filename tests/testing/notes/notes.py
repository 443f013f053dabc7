"""A small app of somebody who has never seen Housekey's own tests."""

from flask import Flask, abort, redirect, render_template_string, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from housekey import (
    Housekey,
    UserMixin,
    aal_required,
    current_user,
    fresh_login_required,
    login_required,
    permission_required,
    roles_required,
)

db = SQLAlchemy()
accounts = Housekey(db=db)


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    notes: Mapped[list["Note"]] = relationship(back_populates="owner")


class Note(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    owner: Mapped[User] = relationship(back_populates="notes")


def create_app(config):
    app = Flask("notes")
    app.config.from_mapping(config)
    db.init_app(app)
    accounts.init_app(app)
    add_notes(app)
    add_doors(app)
    return app


def add_notes(app):
    @app.route("/", methods=["GET", "POST"])
    @login_required
    def notes():
        if request.method == "POST":
            db.session.add(Note(text=request.form["text"], owner=current_user._get_current_object()))
            db.session.commit()
            return redirect("/")
        own = select(Note).where(Note.owner_id == current_user.id)
        return render_template_string(
            "{% for note in notes %}{{ note.text }} {% endfor %}", notes=db.session.scalars(own)
        )

    @app.get("/notes/<int:number>")
    @login_required
    def note(number):
        found = db.get_or_404(Note, number)
        return found.text if found.owner_id == current_user.id else abort(403)


def add_doors(app):
    app.add_url_rule("/fresh", "fresh", fresh_login_required(lambda: "in"))
    app.add_url_rule("/admin", "admin", roles_required("admin")(lambda: "in"))
    app.add_url_rule("/edit", "edit", permission_required("notes:edit")(lambda: "in"))
    app.add_url_rule("/safe", "safe", aal_required(2)(lambda: "in"))
