"""The code in the documents runs as it stands there."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, ForeignKey, Integer, String, select

from docs.pages import blocks
from housekey import Housekey
from housekey.testing import PASSWORD, SETTINGS, configure, make_user
from housekey.testing.mailbox import Mailbox
from rig.apps import registered, small_app
from rig.hooks import SECRET
from rig.mails import deliver, outbox

KEY = "0123456789abcdef" * 4
AT_ONCE = {**SETTINGS, "HOUSEKEY_REGISTRATION_VERIFICATION": "off"}
"""What these pages show is another matter than the mail."""
ANN = {"email": "ann@example.org", "password": PASSWORD, "name": "Ann"}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes a module of some code, in a folder of its own, as `flask run` would find it."""
    monkeypatch.setenv("FLASK_SECRET_KEY", KEY)
    monkeypatch.setenv("FLASK_TESTING", "true")

    def load(code: str, **given: Any) -> ModuleType:
        file = tmp_path / "app.py"
        file.write_text(code)
        spec = importlib.util.spec_from_file_location("app_of_the_docs", file)
        made = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "app_of_the_docs", made)
        vars(made).update(given)
        spec.loader.exec_module(made)
        return made

    return load


@pytest.mark.parametrize("page", ["README.md", "docs/start.md"])
def test_ten_lines_are_an_app_with_accounts(module, page):
    code = blocks(page)[0]
    assert len([line for line in code.splitlines() if line]) <= 10
    app = configure(module(code).app)
    browser = app.test_client()
    assert browser.get("/").headers["Location"].startswith("/account/login")
    assert browser.post("/account/register", data=ANN).status_code == 303
    assert browser.get(Mailbox(app).last_link(to=ANN["email"]), follow_redirects=True).status_code == 200
    assert browser.post("/account/register/confirm").status_code == 303
    assert browser.get("/").text == "Hello, Ann!"


def test_the_readmes_lines_add_housekey_to_an_app_with_flask_sqlalchemy(module):
    app, db = Flask("existing"), SQLAlchemy()
    app.config.update(AT_ONCE, SQLALCHEMY_DATABASE_URI="sqlite://")
    db.init_app(app)

    class Post(db.Model):
        id = Column(Integer, primary_key=True)
        author_id = Column(ForeignKey("user.id"))

    made = module(blocks("README.md")[1], app=app, db=db)
    with app.app_context():
        db.create_all()
        browser = configure(app).test_client()
        assert browser.post("/account/register", data=ANN).status_code == 303
        assert db.session.scalars(select(made.User.name)).one() == "Ann"


def test_the_two_commands_of_the_readme_name_no_other_place_than_the_clone():
    commands = [line for block in blocks("README.md", "sh") for line in block.splitlines()]
    assert [line.startswith("python3 -m venv .venv && ") for line in commands] == [True, True]
    assert not any(sign in line for line in commands for sign in "<>$~")


def test_the_model_of_the_guide_registers_people_with_what_they_were_asked_for(module):
    code = blocks("docs/guides/own-user-model.md")
    fields, listener = code[3], code[4]
    made = module(f"{code[0]}\n\n{fields}\n\n{listener}")
    app = configure(small_config(made))
    with app.app_context():
        made.db.create_all()
    browser = app.test_client()
    page = browser.get("/account/register").text
    assert 'name="town"' in page
    assert browser.post("/account/register", data=ANN | {"town": "Jena"}).status_code == 303
    with app.app_context():
        ann = made.db.session.scalars(select(made.User)).one()
        assert (ann.town, len(ann.posts)) == ("Jena", 1)
        vars(made)["db"] = made.db
        exec(code[2].replace("ann@", "anna@"), vars(made))
        assert made.ann.check_password(PASSWORD)


def small_config(made: ModuleType) -> Flask:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FLASK_SQLALCHEMY_DATABASE_URI", "sqlite://")
        for key, value in AT_ONCE.items():
            environment.setenv(f"FLASK_{key}", str(value))
        app: Flask = made.create_app()
        return app


@pytest.fixture
def host():
    """An app with posts, as guides take it for granted; made, but without views."""
    app = Flask("host")
    app.config.update(AT_ONCE, SQLALCHEMY_DATABASE_URI="sqlite://")
    accounts = Housekey()

    class Post(accounts.Base):
        __tablename__ = "posts"
        id = Column(Integer, primary_key=True)
        title = Column(String(80), default="")
        author_id = Column(ForeignKey(accounts.User.id))

    accounts.init_app(app)
    return SimpleNamespace(app=configure(app), accounts=accounts, Post=Post)


def test_the_guide_to_roles_and_ownership_lets_in_whom_it_says(host):
    from sqlalchemy import ColumnElement

    from housekey import Identity

    names = vars(host) | {"__name__": __name__, "Identity": Identity, "ColumnElement": ColumnElement}
    for code in blocks("docs/guides/roles-and-ownership.md"):
        exec(code, names)
    host.app.register_blueprint(names["admin"])
    host.app.add_url_rule(
        "/may", "may", lambda: render_template_string("{{ can('delete', post) }}", post=host.Post(author_id=0))
    )
    editor = host.app.test_client(
        user=make_user(host.app, roles=["editor"], permissions=["posts:publish", "posts:edit"])
    )
    somebody = host.app.test_client(user=make_user(host.app))
    assert editor.get("/desk").text == "To be published"
    assert editor.get("/staff").text == "For staff"
    assert (editor.get("/may").text, somebody.get("/may").text) == ("True", "False")
    assert somebody.get("/desk").headers["Location"] == "/"
    assert somebody.get("/payout").status_code == 200
    stale = host.app.test_client()
    stale.login(make_user(host.app), fresh=False)
    assert stale.get("/payout").headers["Location"].startswith("/account/reauthenticate")


def test_the_guide_to_proxies_gives_a_secure_cookie_and_hsts():
    app = Flask("host")
    app.config.update(AT_ONCE, SQLALCHEMY_DATABASE_URI="sqlite://")
    for code in blocks("docs/guides/proxies-and-https.md"):
        exec(code, {"app": app})
    Housekey(app)
    there = {"base_url": "http://127.0.0.1:8000", "environ_base": {"REMOTE_ADDR": "10.0.0.1"}}
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "example.org"}
    browser = app.test_client()
    answer = browser.post("/account/api/register", json=ANN, headers=forwarded, **there)
    assert answer.status_code == 201
    assert "__Host-housekey=" in str(answer.headers)
    assert answer.json["session"]["address"] == "203.0.113.9"
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_the_guide_to_single_page_apps_lets_the_front_end_in():
    app = Flask("host")
    app.config.update(AT_ONCE, SQLALCHEMY_DATABASE_URI="sqlite://")
    for code in blocks("docs/guides/single-page-apps.md"):
        exec(code, {"app": app})
    Housekey(app)
    from_there = {"Origin": "https://app.example.org", "Sec-Fetch-Site": "same-site"}
    answer = app.test_client().post(
        "/account/api/register", json=ANN, headers=from_there, base_url="https://api.example.org"
    )
    assert answer.status_code == 201
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.org"


def test_the_guide_to_templates_gives_a_login_page_in_the_hosts_layout(tmp_path):
    pages = blocks("docs/guides/own-templates.md", "html")
    (tmp_path / "templates" / "housekey" / "login").mkdir(parents=True)
    (tmp_path / "templates" / "base.html").write_text(pages[0])
    (tmp_path / "templates" / "housekey" / "login" / "login.html").write_text(pages[2])
    app = Flask("host", root_path=str(tmp_path))
    app.config.update(AT_ONCE, SQLALCHEMY_DATABASE_URI="sqlite://")
    for code in blocks("docs/guides/own-templates.md"):
        exec(code, {"app": app})
    Housekey(app)
    browser = configure(app).test_client()
    page = browser.get("/account/login")
    assert "<h1>Welcome back</h1>" in page.text
    assert "notebook.css" in page.text
    assert page.text.count("housekey.css") == 1
    assert "https://cdn.example.org" in page.headers["Content-Security-Policy"]
    browser.post("/account/register", data=ANN)
    browser.logout()
    assert browser.post("/account/login", data={"identifier": ANN["email"], "password": PASSWORD}).status_code == 303


def test_the_style_sheet_may_come_in_the_head_of_a_layout(tmp_path):
    head = blocks("docs/guides/own-templates.md", "html")[1]
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "base.html").write_text(f"{head}<body>{{% block content %}}{{% endblock %}}</body>")
    app = Flask("host", root_path=str(tmp_path))
    app.config.update(AT_ONCE, SQLALCHEMY_DATABASE_URI="sqlite://", HOUSEKEY_LAYOUT="base.html")
    Housekey(app)
    page = app.test_client().get("/account/login").text
    assert page.count("housekey.css") == 1
    assert page.index("housekey.css") < page.index("<body>")


def test_productions_hook_leaves_the_connections_of_the_host_to_the_parent(sqlite_url, monkeypatch):
    app, db = Flask("host"), SQLAlchemy()
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url
    db.init_app(app)
    monkeypatch.setitem(sys.modules, "app", SimpleNamespace(app=app, db=db))
    names = {}
    exec(blocks("docs/production.md")[1], names)
    with app.app_context():
        pool = db.engine.pool
        db.session.scalar(select(1))
        names["post_fork"](None, None)
        assert db.engine.pool is not pool


def test_production_hears_of_locks(host, caplog):
    exec(blocks("docs/production.md")[0], {"app": host.app})
    exec(blocks("docs/production.md")[2], vars(host))
    client = host.app.test_client()
    make_user(host.app, email=ANN["email"])
    for _ in range(5):
        client.post("/account/api/login", json={"identifier": ANN["email"], "password": "a guess, and no good one"})
    assert "AccountLocked" in caplog.text
    assert "a guess" not in caplog.text


def test_what_logging_out_takes_in_a_template_of_ones_own():
    form = blocks("docs/start.md", "html")[1]
    app = small_app()
    app.add_url_rule("/menu", "menu", lambda: render_template_string(form))
    browser = registered(app)
    page = browser.get("/menu").text
    token = page.partition('value="')[2].partition('"')[0]
    assert 'action="/account/logout"' in page
    assert browser.post("/account/logout", data={"csrf_token": token}, headers={"Origin": "null"}).status_code == 303
    assert browser.get("/private").status_code == 302


def test_a_receiver_who_follows_the_page_believes_what_is_signed_and_new_alone(hook_server):
    code = {}
    exec(blocks("docs/capabilities/webhooks.md")[1], code)
    is_genuine, server = code["is_genuine"], hook_server()
    app = small_app(**server.settings)
    registered(app)
    deliver(app)
    hook = server.received[0]
    assert is_genuine(hook.headers, hook.body, SECRET)
    assert not is_genuine(hook.headers, hook.body + b" ", SECRET)
    assert not is_genuine(hook.headers | {"webhook-id": "msg_another"}, hook.body, SECRET)
    assert not is_genuine(hook.headers | {"webhook-signature": "v1,é v1, "}, hook.body, SECRET)
    assert not is_genuine({}, hook.body, SECRET)
    assert not is_genuine(hook.headers, hook.body, "whsec_" + "A" * 44)
    code["time"] = SimpleNamespace(time=lambda: int(hook.headers["webhook-timestamp"]) + 301)
    assert not is_genuine(hook.headers, hook.body, SECRET)


def test_the_webhooks_of_the_page_are_those_that_are_sent(monkeypatch):
    monkeypatch.setenv("FLASK_HOUSEKEY_WEBHOOKS_SECRETS", SECRET)
    app = Flask("host")
    app.config.update(AT_ONCE, SQLALCHEMY_DATABASE_URI="sqlite://")
    exec(blocks("docs/capabilities/webhooks.md")[0], {"app": app})
    app.config.from_prefixed_env()
    Housekey(app)
    registered(app)
    (row,) = outbox(app)
    assert (row["purpose"], row["recipient"]) == ("user.registered", "https://hooks.example.org")


def test_the_log_of_the_page_is_json_with_each_event(capsys):
    exec(blocks("docs/guides/what-we-log.md")[0], {})
    registered(small_app())
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (told,) = [line for line in lines if line.get("event") == "UserRegistered"]
    assert (told["level"], told["logger"], told["outcome"], told["subject"]) == (
        "INFO",
        "housekey.events",
        "success",
        "1",
    )
    assert told["time"].endswith("Z")
