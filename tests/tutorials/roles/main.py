from flask import Blueprint, render_template
from flask_login import current_user, login_required

from .decorators import role_required
from .models import User

main = Blueprint("main", __name__)


@main.route("/")
def index():
    return render_template("index.html")


@main.route("/dashboard")
@login_required
def dashboard():
    return render_template("dashboard.html", name=current_user.username)


@main.route("/members")
@role_required("admin", "user")
def members():
    return "Members only"


@main.route("/admin")
@role_required("admin")
def admin():
    return render_template("admin.html", users=User.query.order_by(User.username).all())
