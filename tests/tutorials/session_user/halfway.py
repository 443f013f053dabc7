"""The users are in a database, and Housekey's session says who is there. The views are still the app's own."""

from flask import Flask, abort, redirect, render_template_string, request, url_for

from housekey import Housekey, current_user, login_required, login_user, logout_user

app = Flask(__name__)
app.config.from_prefixed_env()
accounts = Housekey(app)
accounts.login_manager.login_view = "login"

USERS = {"admin": "admin123", "ann": "ann's secret", "bob": "bob's secret"}
LOGIN = """{{ error or "" }}
<form method="post"><input name="username"><input name="password" type="password"><button>Log in</button></form>"""


@app.cli.command("move-users")
def move_users():
    """Copy the users of the dictionary into the database, once."""
    for username, password in USERS.items():
        user = accounts.User(username=username)
        user.set_password(password)
        accounts.session.add(user)
    accounts.session.commit()


@app.route("/login", methods=["GET", "POST"])
def login():
    error = None
    if request.method == "POST":
        user = accounts.session.query(accounts.User).filter_by(username=request.form["username"]).first()
        if user and user.check_password(request.form["password"]):
            login_user(user)
            return redirect(url_for("home"))
        error = "Wrong name or password."
    return render_template_string(LOGIN, error=error)


@app.route("/logout")
def logout():
    logout_user()
    return redirect(url_for("login"))


@app.route("/")
@login_required
def home():
    return f"Hello, {current_user.username}!"


@app.route("/admin")
@login_required
def admin():
    if current_user.username != "admin":
        abort(403)
    return "Users: " + ", ".join(user.username for user in accounts.session.query(accounts.User))
