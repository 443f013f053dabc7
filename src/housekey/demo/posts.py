"""The pages of posts: everybody reads, whoever is logged in writes, and edits their own."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from housekey import accessible, authorize, current_user, login_required
from housekey.demo.forms import Draft
from housekey.demo.models import Post, accounts

posts = Blueprint("posts", __name__)
POST = "/posts/<int(max=999999999):post_id>"
ON_THE_FRONT_PAGE = 20


@posts.get("/")
def front() -> str:
    """The latest posts."""
    latest = select(Post).order_by(Post.id.desc()).limit(ON_THE_FRONT_PAGE)
    return render_template("front.html", posts=accounts.session.scalars(latest).all())


@posts.get("/dashboard")
@login_required
def dashboard() -> str:
    """One's own posts."""
    own = accessible(select(Post), "edit").order_by(Post.id.desc())
    return render_template("dashboard.html", posts=accounts.session.scalars(own).all())


@posts.get(POST)
def show(post_id: int) -> str:
    """One post."""
    return render_template("post.html", post=found(post_id))


@posts.route("/posts/new", methods=["GET", "POST"])
@login_required
def write() -> ResponseReturnValue:
    """A new post."""
    return edited(Post(title="", body="", author_id=current_user.id), "Your post is published.")


@posts.route(f"{POST}/edit", methods=["GET", "POST"])
@login_required
def edit(post_id: int) -> ResponseReturnValue:
    """A post of one's own."""
    return edited(own(post_id), "Your changes are saved.")


@posts.route(f"{POST}/delete", methods=["GET", "POST"])
@login_required
def delete(post_id: int) -> ResponseReturnValue:
    """Ask first, then delete a post of one's own."""
    post = own(post_id)
    if request.method == "GET":
        return render_template("delete.html", post=post)
    accounts.session.delete(post)
    accounts.session.commit()
    flash("Your post is deleted.", "success")
    return redirect(url_for("posts.dashboard"), 303)


def found(post_id: int) -> Post:
    """The post, or 404."""
    return accounts.session.get(Post, post_id) or abort(404)


def own(post_id: int) -> Post:
    """The post, or 404; 403 if it is another person's."""
    post = found(post_id)
    authorize("edit", post)
    return post


def edited(post: Post, message: str) -> ResponseReturnValue:
    """The form of a post; when it comes back without a fault, the post is kept."""
    if request.method == "GET":
        return render_template("form.html", post=post, draft=Draft(post.title, post.body), faults={})
    draft = Draft.sent()
    if faults := draft.faults():
        return render_template("form.html", post=post, draft=draft, faults=faults), 422
    post.title, post.body = draft.title, draft.body
    accounts.session.add(post)
    accounts.session.commit()
    flash(message, "success")
    return redirect(url_for("posts.show", post_id=post.id), 303)
