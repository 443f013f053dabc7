"""`flask housekey doctor`: each line says what is wrong and what to do."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.middleware.proxy_fix import ProxyFix

from housekey import Housekey, UserMixin
from housekey.commands.diagnosis import hashing
from housekey.kernel import clock
from rig.apps import PASSWORD, registered, small_app
from rig.authenticators import Authenticator, added
from rig.mails import deliver, house_of, send
from rig.phones import with_phone

GOOD = {
    "TESTING": False,
    "HOUSEKEY_PASSWORDS_HASH_PROFILE": "standard",
    "HOUSEKEY_LOGIN_REFUSAL_TIME": 5,
    "HOUSEKEY_BASE_URL": "https://example.org",
    "SESSION_COOKIE_SECURE": True,
    "HOUSEKEY_MAIL_HOST": "smtp.example.org",
}


def findings(run, *words, code=0):
    return {line["subject"]: line for line in run.json("doctor", *words, code=code)}


def level(runner, subject, code=0, words=(), **settings):
    app = small_app(**(GOOD | settings))
    return findings(runner(app), *words, code=code)[subject]["level"]


def test_a_site_that_is_set_up_well_gets_no_complaint(runner, sqlite_url):
    app = small_app(sqlite_url, **GOOD)
    app.wsgi_app = ProxyFix(app.wsgi_app)
    found = findings(runner(app))
    worth_telling = {subject: line for subject, line in found.items() if line["level"] != "ok"}
    assert worth_telling.keys() <= {"hash time"}  # a very slow or quick machine is told


def test_the_report_is_made_for_people(runner):
    shown = runner(small_app(**GOOD | {"SECRET_KEY": "dev"}))("doctor", code=1).stdout
    assert "fail  SECRET_KEY is well known or has a pattern." in shown
    assert "      Make one with: python -c" in shown
    assert shown.splitlines()[-1].endswith(" fail")


def test_a_language_without_sentences_is_told_before_somebody_reads_english(runner, tmp_path):
    assert level(runner, "HOUSEKEY_LANGUAGES", HOUSEKEY_LANGUAGES=("en", "de-AT")) == "ok"
    line = findings(runner(small_app(**GOOD, HOUSEKEY_LANGUAGES=("en", "tlh"))))["HOUSEKEY_LANGUAGES"]
    assert (line["level"], line["finding"]) == ("warn", "offers tlh, and Housekey has no sentences in it.")
    nowhere = str(tmp_path / "nowhere")
    assert level(runner, "HOUSEKEY_LANGUAGES", code=1, HOUSEKEY_LOCALE_FOLDER=nowhere) == "fail"


def with_key(key, **settings):
    app = small_app(**(GOOD | settings))
    app.secret_key = key
    return app


@pytest.mark.parametrize("key", [None, "", "dev", "too short a key", "x" * 64, b"changeme"])
def test_a_weak_key_fails_and_is_not_shown(runner, key):
    line = findings(runner(with_key(key)), code=1)["SECRET_KEY"]
    assert line["level"] == "fail"
    assert "secrets.token_hex" in line["cure"]
    assert not key or (key if isinstance(key, str) else key.decode()) not in line["finding"]


def test_a_weak_key_is_only_worth_a_warning_while_one_tries_things_out(runner):
    assert findings(runner(with_key("dev", TESTING=True)))["SECRET_KEY"]["level"] == "warn"


def test_a_weak_fallback_is_told(runner):
    app = small_app(**GOOD, SECRET_KEY_FALLBACKS=["dev"])
    line = findings(runner(app), code=1)["SECRET_KEY_FALLBACKS"]
    assert (line["level"], line["finding"]) == ("fail", "number 1 is well known or has a pattern.")
    app.config["SECRET_KEY_FALLBACKS"] = ["q8Zr0-2mXw7Lk1Vt5Yb"]
    assert findings(runner(app))["SECRET_KEY_FALLBACKS"]["level"] == "warn"


def test_debug_mode_is_told(runner, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert level(runner, "debug") == "warn"


@pytest.mark.parametrize(
    ("url", "more", "judged"),
    [
        ("https://example.org", {}, "ok"),
        (None, {}, "warn"),
        ("http://localhost:5000", {}, "warn"),
        ("http://intranet", {"HOUSEKEY_INSECURE_HTTP": True}, "warn"),
    ],
)
def test_the_address_decides_on_secure_cookies(runner, url, more, judged):
    app = small_app(**GOOD | more | {"HOUSEKEY_BASE_URL": url})
    found = findings(runner(app))
    assert found["HOUSEKEY_BASE_URL"]["level"] == judged
    assert found["cookies"]["level"] == judged
    assert ("Secure," in found["cookies"]["finding"].replace(".", ",").replace("Not Secure", "")) == (judged == "ok")


def test_a_cookie_that_sister_sites_can_plant_is_told(runner):
    assert level(runner, "cookies", HOUSEKEY_COOKIE_DOMAIN="example.org") == "warn"


def test_flasks_own_cookie_is_looked_at_too(runner):
    assert level(runner, "Flask's session", SESSION_COOKIE_SECURE=False) == "warn"


class Middleware:
    def __init__(self, app):
        self.app = app


def test_proxy_fix_is_found_below_other_middlewares(runner):
    app = small_app(**GOOD)
    app.wsgi_app = Middleware(ProxyFix(app.wsgi_app, x_for=2))
    assert "trusts 2" in findings(runner(app))["ProxyFix"]["finding"]
    app.wsgi_app = Middleware(None)
    app.wsgi_app.app = app.wsgi_app
    assert findings(runner(app))["ProxyFix"]["level"] == "warn"


def test_without_proxy_fix_the_cure_is_told(runner):
    assert "x_for=1" in findings(runner(small_app(**GOOD)))["ProxyFix"]["cure"]


def test_the_cheap_hash_fails_outside_tests(runner):
    assert level(runner, "hash profile", code=1, HOUSEKEY_PASSWORDS_HASH_PROFILE="cheap") == "fail"
    assert level(runner, "hash profile", HOUSEKEY_PASSWORDS_HASH_PROFILE="cheap", TESTING=True) == "ok"


@pytest.mark.parametrize(("verification", "judged"), [("required", "fail"), ("grace", "warn")])
def test_a_site_whose_mails_go_nowhere_is_told(runner, verification, judged):
    nowhere = {"HOUSEKEY_MAIL_HOST": None, "HOUSEKEY_REGISTRATION_VERIFICATION": verification}
    app = small_app(**GOOD | nowhere)
    line = findings(runner(app), code=int(judged == "fail"))["mail"]
    assert line["level"] == judged
    assert line["cure"] == "No mail server is set: HOUSEKEY_MAIL_HOST, or another HOUSEKEY_MAIL_TRANSPORT."


def test_where_restarts_end_sessions_the_start_wants_a_name(runner, monkeypatch):
    on = {"HOUSEKEY_SESSIONS_END_ON_RESTART": True}
    monkeypatch.delenv("HOUSEKEY_BOOT_ID", raising=False)
    line = findings(runner(small_app(**GOOD, **on)))["HOUSEKEY_SESSIONS_END_ON_RESTART"]
    assert line["level"] == "warn"
    assert "HOUSEKEY_BOOT_ID" in line["cure"]
    monkeypatch.setenv("HOUSEKEY_BOOT_ID", "release 7")
    assert level(runner, "HOUSEKEY_SESSIONS_END_ON_RESTART", **on) == "ok"
    assert "HOUSEKEY_SESSIONS_END_ON_RESTART" not in findings(runner(small_app(**GOOD)))


def test_people_whose_only_second_factor_is_switched_off_are_counted(runner, sqlite_url):
    key = Authenticator()
    app = small_app(sqlite_url)
    added(registered(app), key)
    with_phone(registered(app, "bob@example.test"))
    assert "passkeys" not in findings(runner(app))
    told = findings(runner(small_app(sqlite_url, HOUSEKEY_PASSKEYS_OPEN=False)), code=1)["passkeys"]
    assert (told["level"], "1 person" in told["finding"]) == ("warn", True)


def test_a_default_role_that_isnt_there_is_told(runner):
    app = small_app(**GOOD, HOUSEKEY_REGISTRATION_DEFAULT_ROLE="member")
    line = findings(runner(app))["default role"]
    assert line["level"] == "warn"
    assert "flask housekey roles create member" in line["cure"]
    runner(app)("roles", "create", "member")
    assert findings(runner(app))["default role"]["level"] == "ok"


def test_a_hash_that_takes_longer_than_a_refusal_is_told(runner):
    assert level(runner, "hash time", HOUSEKEY_LOGIN_REFUSAL_TIME=0.001) == "warn"


@pytest.mark.parametrize(("seconds", "cure"), [(0.9, "light"), (0.3, "REFUSAL_TIME"), (0.05, ""), (0.001, "heavier")])
def test_a_hash_is_neither_slow_nor_cheap(seconds, cure):
    app = small_app(**GOOD | {"HOUSEKEY_LOGIN_REFUSAL_TIME": 0.25})
    with app.app_context():
        found = hashing.hash_time(app.extensions["housekey"].house, seconds)
    assert found.level == ("warn" if cure else "ok")
    assert cure in found.cure


@pytest.mark.parametrize(
    ("threads", "judged"), [(None, "ok"), ("8", "ok"), ("16", "ok"), ("7", "warn"), ("6", "warn"), ("1", "warn")]
)
def test_the_pool_leaves_threads_for_other_pages(runner, threads, judged):
    words = ("--threads", threads) if threads else ()
    assert level(runner, "hash pool", words=words) == judged


def test_the_threads_of_gunicorn_are_known_from_its_environment(runner, monkeypatch):
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--workers 2 --threads=4")
    assert level(runner, "hash pool") == "warn"


@pytest.mark.parametrize(
    ("settings", "judged"),
    [
        ({}, "ok"),
        ({"HOUSEKEY_MAIL_HOST": None}, "warn"),
        ({"HOUSEKEY_MAIL_TRANSPORT": "console"}, "warn"),
        ({"HOUSEKEY_MAIL_TRANSPORT": "console", "TESTING": True}, "ok"),
    ],
)
def test_mails_that_reach_nobody_are_told(runner, settings, judged):
    found = findings(runner(small_app(**(GOOD | settings))))["mail"]
    assert found["level"] in (judged, "fail" if judged == "warn" else judged)


def test_a_mail_server_without_encryption_fails_unless_it_is_this_machine(runner):
    plain = {"HOUSEKEY_MAIL_SECURITY": "none"}
    assert level(runner, "HOUSEKEY_MAIL_SECURITY", code=1, **plain) == "fail"
    app = small_app(**(GOOD | plain | {"HOUSEKEY_MAIL_HOST": "localhost"}))
    assert "HOUSEKEY_MAIL_SECURITY" not in findings(runner(app))


def test_links_without_an_address_of_the_site_are_told(runner):
    more = {"HOUSEKEY_BASE_URL": None, "HOUSEKEY_INSECURE_HTTP": True}
    assert findings(runner(small_app(**(GOOD | more))))["links in mails"]["level"] == "warn"


def test_mails_that_lie_there_or_have_failed_are_told(runner):
    app = small_app(**GOOD)
    with clock.stopped() as time:
        send(app)
        time.forward(timedelta(minutes=11))
        assert "nobody has tried" in findings(runner(app))["outbox"]["finding"]
        app.accounts.mail_transport(lambda mail: None)
        deliver(app)
        assert findings(runner(app))["outbox"]["level"] == "ok"
        house_of(app).run(lambda unit: unit.execute(sa.update(unit.tables["outbox"]).values(state="failed")))
        assert "could not be sent" in findings(runner(app))["outbox"]["finding"]


def test_a_database_that_does_not_answer_fails(runner):
    app = small_app(**GOOD)
    app.extensions["housekey"].house.store.__dict__["_one_reading_engine"] = sa.create_engine("sqlite:////no/such/file")
    line = findings(runner(app), code=1)["database"]
    assert line["level"] == "fail"
    assert "unable to open database file" in line["finding"]


def test_accounts_in_memory_are_told(runner):
    assert level(runner, "database") == "warn"


def test_kind_and_version_of_the_database_are_told(runner, database_url):
    app = small_app(database_url, **GOOD)
    line = findings(runner(app))["database"]
    assert line["level"] == "ok"
    kind = sa.make_url(database_url).get_backend_name().replace("mysql", "mariadb")  # whichever name the address uses
    assert kind in line["finding"]
    assert any(character.isdigit() for character in line["finding"])


def host_app(url, **settings):
    """A host with an engine of its own, which Housekey leaves as it is."""

    class Base(DeclarativeBase): ...

    class User(UserMixin, Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        hash: Mapped[str | None] = mapped_column(sa.String(200))

    engine = sa.create_engine(url, connect_args={"timeout": 1})
    app = Flask("host")
    app.config.update(GOOD | settings, SECRET_KEY="0123456789abcdef" * 4)
    app.accounts = Housekey(app, engine=engine, user_model=User)
    app.Base, app.User, app.engine = Base, User, engine
    return app


def test_a_hosts_own_sqlite_is_looked_at(runner, sqlite_url):
    app = host_app(sqlite_url)
    app.Base.metadata.create_all(app.engine)
    found = findings(runner(app))
    for pragma in ("journal_mode", "foreign_keys", "busy_timeout"):
        assert found[f"SQLite {pragma}"]["level"] == "warn"
        assert f"PRAGMA {pragma}" in found[f"SQLite {pragma}"]["cure"]


@pytest.mark.asvs("16.2.5")
def test_an_engine_whose_errors_quote_hashes_is_told(runner, sqlite_url):
    line = findings(runner(host_app(sqlite_url)), code=1)["database errors"]
    assert line["level"] == "warn"
    assert "hide_parameters=True" in line["cure"]
    assert level(runner, "database errors", SQLALCHEMY_DATABASE_URI=sqlite_url) == "ok"


def test_missing_tables_fail(runner, sqlite_url):
    found = findings(runner(host_app(sqlite_url)), code=1)
    assert found["tables"]["cure"] == "Run: flask housekey db upgrade"
    assert found["database"]["level"] == "ok", "it answers: nothing that needs the tables was asked"
    assert "outbox" not in found


def test_tables_that_differ_fail(runner, sqlite_url):
    app = small_app(sqlite_url, **GOOD)
    with app.app_context(), app.accounts.house.write() as unit:
        unit.execute(sa.text("DROP TABLE housekey_windows"))
    line = findings(runner(app), code=1)["tables"]
    assert "housekey_windows" in line["finding"]


def test_tables_of_another_release_fail(runner, sqlite_url):
    app = small_app(sqlite_url, **GOOD)
    with app.app_context(), app.accounts.house.write() as unit:
        unit.execute(unit.tables["version"].update().values(version_num="0000"))
    line = findings(runner(app), code=1)["tables"]
    assert "revision 0000" in line["finding"]


def test_users_from_before_are_told(runner, sqlite_url):
    app = host_app(sqlite_url)
    app.Base.metadata.create_all(app.engine)
    with app.engine.begin() as connection:
        connection.execute(sa.insert(app.User.__table__).values(email="old@example.org"))
    assert findings(runner(app))["users"]["finding"] == "1 have no account yet, and can't log in."


def test_a_users_table_without_a_column_that_the_mixin_brings_is_told_with_what_to_do(runner, sqlite_url):
    """The first query fails with the database's own words, and sends people here."""
    app = host_app(sqlite_url)
    app.Base.metadata.create_all(app.engine)
    with app.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE users DROP COLUMN name")
        connection.exec_driver_sql("ALTER TABLE users DROP COLUMN hash")
    line = findings(runner(app), code=1)["users"]
    assert (line["level"], line["finding"]) == (
        "fail", "can't be read: the table “users” lacks hash, name, which User has."
    )  # fmt: skip
    assert "by a migration of yours" in line["cure"]
    assert "name = None in User" in line["cure"]


def test_a_users_table_that_nobody_has_made_is_told(runner, sqlite_url):
    line = findings(runner(host_app(sqlite_url)), code=1)["users"]
    assert (line["level"], line["finding"]) == ("fail", "have no table “users”.")


BCRYPT = "$2b$04$abcdefghijklmnopqrstuuUKXqnEl1OvHVCVXZDxGnVsAFgyOkFmK"


@pytest.mark.parametrize("column", [None, "hash"])
def test_bcrypt_hashes_without_the_extra_fail(runner, sqlite_url, monkeypatch, column):
    app = host_app(sqlite_url, HOUSEKEY_PASSWORDS_LEGACY_COLUMN=column)
    app.Base.metadata.create_all(app.engine)
    run = runner(app)
    assert "bcrypt hashes" not in findings(run)
    with app.app_context(), app.accounts.house.write() as unit:
        unit.session.add(app.User(email="old@example.org", hash=BCRYPT))
        unit.session.flush()
        if not column:
            row = {"user_id": 1, "hash": BCRYPT, "changed_at": sa.func.now()}
            unit.execute(unit.tables["passwords"].insert().values(row))
    assert findings(run)["bcrypt hashes"]["level"] == "ok"
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    line = findings(run, code=1)["bcrypt hashes"]
    assert line["cure"] == 'Run: pip install "housekey[bcrypt]"'


def test_nothing_secret_stands_in_the_report(runner, sqlite_url):
    app = small_app(sqlite_url, **GOOD, HOUSEKEY_PASSWORDS_PEPPER="a pepper that nobody must ever see")
    registered(app)
    shown = runner(app)("doctor").stdout + runner(app)("doctor", "--json").stdout
    for secret in (app.secret_key, PASSWORD, "a pepper"):
        assert secret not in shown


@pytest.mark.flaw(3)
def test_what_users_left_who_were_deleted_in_bulk_is_told_and_swept(runner, sqlite_url):
    """Without foreign keys nothing else stands between the next user of that number and the old password."""
    app = host_app(sqlite_url)
    app.Base.metadata.create_all(app.engine)
    users = app.User.__table__
    with sa.orm.Session(app.engine) as session:
        session.add_all([app.User(email="gone@example.org"), app.User(email="here@example.org")])
        session.commit()
    with app.engine.begin() as connection:
        connection.execute(sa.delete(users).where(users.c.email == "gone@example.org"))
    line = findings(runner(app), code=1)["rows of deleted users"]
    assert "1 in housekey_accounts" in line["finding"]
    assert "1 in housekey_identifiers" in line["finding"]
    assert "housekey sweep" in line["cure"]
    assert findings(runner(app), code=1)["SQLite foreign_keys"]["level"] == "warn"
    assert runner(app).json("sweep")["orphans"] == 2
    assert findings(runner(app))["rows of deleted users"]["level"] == "ok"
    assert runner(app).json("sweep")["orphans"] == 0
