"""The whole app: login, logout and all that belongs to an account are Housekey's pages at /account."""

from flask import Flask

from housekey import Housekey, current_identity, login_required, roles_required

app = Flask(__name__)
app.config.from_prefixed_env()
accounts = Housekey(app)


@app.route("/")
@login_required
def home():
    return f"Hello, {current_identity.name}!"


@app.route("/admin")
@roles_required("admin")
def admin():
    return "Users: " + ", ".join(user.username for user in accounts.session.query(accounts.User))
