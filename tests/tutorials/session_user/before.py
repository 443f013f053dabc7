"""The app that many first tutorials on Flask end with: a dictionary of users, and `session["user"]`."""

from flask import Flask, abort, redirect, render_template_string, request, session, url_for

app = Flask(__name__)
app.secret_key = "dev"

USERS = {"admin": "admin123", "ann": "ann's secret", "bob": "bob's secret"}
LOGIN = """{{ error or "" }}
<form method="post"><input name="username"><input name="password" type="password"><button>Log in</button></form>"""


@app.route("/login", methods=["GET", "POST"])
def login():
    error = None
    if request.method == "POST":
        username = request.form["username"]
        if USERS.get(username) == request.form["password"]:
            session["user"] = username
            return redirect(url_for("home"))
        error = "Wrong name or password."
    return render_template_string(LOGIN, error=error)


@app.route("/logout")
def logout():
    session.pop("user", None)
    return redirect(url_for("login"))


@app.route("/")
def home():
    if "user" not in session:
        return redirect(url_for("login"))
    return f"Hello, {session['user']}!"


@app.route("/admin")
def admin():
    if "user" not in session:
        return redirect(url_for("login"))
    if session["user"] != "admin":
        abort(403)
    return "Users: " + ", ".join(USERS)
