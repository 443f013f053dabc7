"""A one-file app, as many tutorials on Flask-Login write it."""

import os
from functools import wraps

from flask import Flask, flash, jsonify, redirect, render_template_string, request, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    fresh_login_required,
    login_required,
    login_user,
    logout_user,
)
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
app.config["SECRET_KEY"] = "super-secret-key"
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("TUTORIAL_DATABASE", "sqlite:///:memory:")

db = SQLAlchemy(app)

login_manager = LoginManager(app)
login_manager.login_view = "login"
login_manager.refresh_view = "login"
login_manager.session_protection = "strong"


class User(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(64), unique=True, nullable=False)
    password_hash = db.Column(db.String(256))
    api_token = db.Column(db.String(64), unique=True)
    is_admin = db.Column(db.Boolean, default=False)

    def set_password(self, password):
        self.password_hash = generate_password_hash(password)

    def check_password(self, password):
        return check_password_hash(self.password_hash, password)


@login_manager.user_loader
def load_user(user_id):
    return db.session.get(User, int(user_id))


@login_manager.request_loader
def load_user_from_request(request):
    header = request.headers.get("Authorization", "")
    if not header.startswith("Bearer "):
        return None
    return User.query.filter_by(api_token=header.removeprefix("Bearer ")).first()


@login_manager.unauthorized_handler
def unauthorized():
    if request.path.startswith("/api/"):
        return jsonify(error="authentication required"), 401
    flash("You must be logged in to view that page.")
    return redirect(url_for("login", next=request.path))


def admin_required(view):
    @wraps(view)
    def decorated(*args, **kwargs):
        if not current_user.is_authenticated or not current_user.is_admin:
            return "Forbidden", 403
        return view(*args, **kwargs)

    return decorated


@app.route("/")
def home():
    return render_template_string("Hello, {{ current_user.username or 'stranger' }}!")


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        user = User.query.filter_by(username=request.form.get("username")).first()
        if user and user.check_password(request.form.get("password", "")):
            login_user(user, remember=bool(request.form.get("remember")))
            return redirect(url_for("home"))
        flash("Wrong username or password.")
    return render_template_string(
        "{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}"
        '<form method="post"><input name="username"><input name="password" type="password">'
        '<input name="remember" type="checkbox"><button>Log in</button></form>'
    )


@app.route("/logout")
@login_required
def logout():
    logout_user()
    return redirect(url_for("home"))


@app.route("/profile")
@login_required
def profile():
    return f"Profile of {current_user.username}"


@app.route("/danger")
@fresh_login_required
def danger():
    return "The red button"


@app.route("/admin")
@admin_required
def admin():
    return "Admin panel"


@app.route("/api/me")
@login_required
def api_me():
    return jsonify(username=current_user.username)


if __name__ == "__main__":
    with app.app_context():
        db.create_all()
    app.run(debug=True)
