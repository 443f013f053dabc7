"""A page for administrators: who is here, and how much they have written."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import func, select

from housekey import guard_blueprint, roles_required
from housekey.demo.models import Post, User, accounts

admin = Blueprint("admin", __name__, url_prefix="/admin")
admin.before_request(guard_blueprint(roles_required("admin")))  # every page of this blueprint


@admin.get("/users")
def users() -> str:
    """Everybody with an account, the latest first."""
    everybody = select(User, func.count(Post.id)).outerjoin(Post).group_by(User.id).order_by(User.id.desc())
    return render_template("users.html", people=accounts.session.execute(everybody).all())
