"""`flask housekey users import`: people come in with their hashes, and nothing of a bad file gets in."""

from __future__ import annotations

import enum
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

from housekey import Housekey, UserMixin
from housekey.capabilities.importing.events import UsersImported
from housekey.capabilities.importing.reading import LONGEST_LINE
from housekey.kernel.names import email_key
from rig.apps import log_in, registered, small_app

DATA = json.loads((Path(__file__).parents[1] / "data" / "password_hashes.json").read_text())
HASH = DATA["hashes"][0]["stored"]
HEADER = "email,username,name,password_hash,roles\n"


@pytest.fixture
def app():
    return small_app(HOUSEKEY_PASSWORDS_FLASK_SECURITY_SALT=DATA["flask_security_salt"])


@pytest.fixture
def bring(run):
    """`bring("a line", …)`: the report of an import of these CSV lines."""

    def bring(*lines, header=HEADER, code=0, options=()):
        text = header + "".join(f"{line}\n" for line in lines)
        return json.loads(run("users", "import", "-", "--json", *options, input=text, code=code).stdout)

    return bring


def counted(app):
    house = app.accounts._houses[0]
    with app.app_context(), house.read() as connection:
        tables = [house.store.schema.mapper.local_table, *(house.store.tables[n] for n in OWNED)]
        return [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]


OWNED = ("accounts", "identifiers", "passwords", "user_roles")


@pytest.mark.parametrize("known", DATA["hashes"], ids=lambda known: f"{known['made_by']}: {known['format']}")
def test_whoever_is_imported_logs_in_with_the_old_password_and_gets_a_new_hash(app, run, known):
    row = {"email": "ann@example.test", "password_hash": known["stored"]}
    run("users", "import", "-", input=json.dumps(row))
    assert log_in(app.test_client(), password=DATA["password"]).status_code == 200
    with app.app_context(), app.accounts.house.read() as connection:
        now = connection.scalar(sa.select(app.accounts.house.store.tables["passwords"].c.hash))
    assert now.startswith("$argon2id$")
    assert now != known["stored"]
    assert log_in(app.test_client(), password=DATA["password"]).status_code == 200


def test_a_row_brings_names_roles_and_state_along(run):
    run("roles", "create", "editor")
    rows = [
        {
            "email": "Ann@example.test",
            "username": "ann",
            "name": "Ann",
            "roles": ["editor", "admin"],
            "email_verified": True,
        },
        {"email": "bob@example.test", "email_verified": "2020-02-03T04:05:06+01:00", "disabled": "yes", "roles": ""},
    ]
    run("users", "import", "-", input="\n".join(map(json.dumps, rows)))
    ann, bob = run.json("users", "show", "ann"), run.json("users", "show", "bob@example.test")
    assert (ann["email"], ann["username"], ann["name"]) == ("Ann@example.test", "ann", "Ann")
    assert ann["roles"] == ["admin", "editor"]
    assert "users:manage" in ann["permissions"]
    assert ann["email_verified_at"]
    assert not ann["disabled_at"]
    assert bob["email_verified_at"] == "2020-02-03T03:05:06Z"
    assert bob["disabled_at"]


def test_whoever_was_disabled_stays_outside(app, bring):
    row = f"ann@example.test,{HASH},true"
    bring(row, header="email,password_hash,disabled\n")
    assert log_in(app.test_client(), password=DATA["password"]).status_code == 401


def test_a_dry_run_writes_nothing(app, bring):
    before = counted(app)
    report = bring(f"ann@example.test,ann,Ann,{HASH},", ",bob,,,", options=["--dry-run"])
    assert (report["dry_run"], report["imported"]) == (True, 2)
    assert counted(app) == before == [0] * 5


def test_a_second_run_skips_who_is_there_and_says_so(app, bring, run):
    lines = [f"ann@example.test,ann,Ann,{HASH},", ",bob,,,"]
    assert bring(*lines)["imported"] == 2
    before = counted(app)
    report = bring(*lines, "eve@example.test,,,,")
    assert (report["imported"], report["already_there"], report["refused"]) == (1, 2, 0)
    assert counted(app) == [before[0] + 1, before[1] + 1, before[2] + 1, before[3], before[4]]


def test_collisions_are_told_with_their_lines_and_what_to_do(bring, app):
    registered(app, "ann@example.test", username="paul")
    lines = [
        "bob@example.test,bob,,,",
        "BOB@example.test,robert,,,",
        "ann@example.test,other,,,",
        "eve@example.test,paul,,,",
        "zoe@example.test,b0b,,,",
        "mia@example.test,pau1,,,",
    ]
    report = bring(*lines, code=1)
    told = [(fault["line"], fault["column"], fault["code"]) for fault in report["faults"]]
    assert told == [(3, "email", "email_twice"), (4, "email", "email_taken"), (5, "username", "username_taken")]
    assert "Line 2" in report["faults"][0]["text"]
    assert all(fault["cure"] for fault in report["faults"])
    warned = [(warning["line"], warning["code"]) for warning in report["warnings"]]
    assert warned == [(6, "username_looks_alike"), (7, "username_looks_alike")]
    assert (report["imported"], report["refused"]) == (3, 3)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("not an address,,,,", "email", "invalid_email"),
        ("x@localhost,,,,", "email", "invalid_email"),
        (",,Ann,,", "", "no_identifier"),
        (",some@body.test,,,", "username", "invalid_username"),
        ("ann@example.test,,,5f4dcc3b5aa765d61d8327deb882cf99,", "password_hash", "unknown_format"),
        (f"ann@example.test,,,{HASH[:-40]}{'0' * 300},", "password_hash", "unknown_format"),
        ("ann@example.test,,,,nobility", "roles", "unknown_role"),
        ('ann@example.test,,"Ann\nBcc: x",,', "name", "invalid_format"),
        ("ann@example.test,,Ann\0,,", "name", "nul"),
        ("ann@example.test,,,", "", "wrong_cells"),
        (f"ann@example.test,,{'x' * 200},,", "name", "too_long"),
        ('ann@example.test,"ann\nann",,,', "username", "invalid_username"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_left_out(bring, app, row, column, code):
    report = bring("bob@example.test,,,,", row, "eve@example.test,,,,", code=1)
    assert [(f["line"], f["column"], f["code"]) for f in report["faults"]] == [(3, column, code)]
    assert report["faults"][0]["cure"]
    assert (report["imported"], report["refused"]) == (2, 1)


@pytest.mark.parametrize(
    ("about", "column", "code"),
    [
        ({"password_format": "bcrypt"}, "password_format", "no_hash"),
        ({"password_format": "bcrypt", "password_hash": HASH}, "password_format", "other_format"),
        ({"password_format": "flask-security", "password_hash": HASH}, "password_format", "other_format"),
        ({"email_verified": "yesterday"}, "email_verified", "wrong_type"),
        ({"disabled": "2020-13-40"}, "disabled", "wrong_type"),
    ],
)
def test_what_does_not_fit_together_is_told(run, about, column, code):
    row = json.dumps({"email": "ann@example.test"} | about)
    report = imported(run, row, code=1)
    assert [(f["column"], f["code"]) for f in report["faults"]] == [(column, code)]


def test_a_name_that_registration_would_refuse_is_kept_and_warned_of(bring, run):
    report = bring("ann@example.test,root,,,")
    assert [(w["column"], w["code"]) for w in report["warnings"]] == [("username", "reserved_username")]
    assert run.json("users", "show", "root")["email"] == "ann@example.test"


def test_somebody_without_an_address_has_none_confirmed(run):
    imported(run, json.dumps({"username": "ann", "email_verified": True}))
    assert run.json("users", "show", "ann")["email_verified_at"] is None


HEADERS = [("\n", "no_header"), ("email,email\n", "bad_header"), ("email,\n", "bad_header")]


@pytest.mark.parametrize(("header", "code"), HEADERS)
def test_a_first_line_that_names_no_columns_stops_the_import(run, header, code):
    report = imported(run, header + "ann@example.test,x\n", "--format", "csv", code=1)
    assert [(f["line"], f["code"]) for f in report["faults"]] == [(1, code)]


def test_a_file_that_begins_with_a_person_is_told_without_repeating_the_person(run):
    for first in ("eve@example.test,Eve\n", f"eve@example.test,{HASH}\n"):
        report = imported(run, first + "ann@example.test,Ann\n", "--format", "csv", code=1)
        assert [(f["line"], f["column"], f["code"]) for f in report["faults"]] == [(1, "", "no_header")]
        assert "email, username, name, password_hash" in report["faults"][0]["text"]
        assert "eve@" not in str(report)
        assert HASH not in str(report)


def test_all_unknown_columns_are_told_at_once(run):
    report = imported(run, "email,nmae,fone\nann@example.test,x,y\n", code=1)
    assert [f["column"] for f in report["faults"]] == ["nmae", "fone"]


def test_lines_that_end_as_on_an_old_mac_are_told_with_what_to_do(run):
    report = imported(run, "email,name\rann@example.test,Ann\rbob@example.test,Bob\r", code=1)
    assert [(f["line"], f["code"]) for f in report["faults"]] == [(1, "broken_csv")]
    assert "CSV UTF-8" in report["faults"][0]["cure"]


def test_strict_imports_nobody_if_one_row_is_bad(bring, app):
    bring("ann@example.test,,,,", "not an address,,,,", code=1, options=["--strict"])
    assert counted(app) == [0] * 5
    assert bring("ann@example.test,,,,", "bob@example.test,,,,", options=["--strict"])["imported"] == 2


@pytest.mark.parametrize("column", ["password", "phone", "id"])
def test_an_unknown_column_stops_the_import_before_the_first_row(bring, app, column):
    report = bring("ann@example.test,x", header=f"email,{column}\n", code=1)
    assert [(f["line"], f["column"], f["code"]) for f in report["faults"]] == [(1, column, "unknown_column")]
    assert counted(app) == [0] * 5
    assert bring("ann@example.test,x", header=f"email,{column}\n", options=["--ignore", column])["imported"] == 1


@pytest.mark.asvs("16.2.5")
def test_no_hash_is_ever_shown(run, app):
    odd = "md5$salt$0123456789abcdef0123456789abcdef"
    rows = [
        {"email": "ann@example.test", "password_hash": HASH},
        {"email": "nobody", "password_hash": HASH, "nope": 1},
        {"email": "eve@example.test", "password_hash": odd},
        {"email": "eve@example.test", "password_hash": HASH, "password_format": "bcrypt"},
    ]
    text = "\n".join(map(json.dumps, rows)) + f'\n{{"email": "x", "password_hash": "{HASH}'
    for options in ([], ["--json"], ["--dry-run"], ["--strict"]):
        shown = run("users", "import", "-", *options, input=text, code=1).output
        assert HASH not in shown
        assert odd not in shown
        assert HASH[-30:] not in shown


def test_flask_security_hashes_without_the_salt_are_told(runner):
    app = small_app()
    known = next(known["stored"] for known in DATA["hashes"] if known.get("flask_security"))
    row = json.dumps({"email": "ann@example.test", "password_hash": known, "password_format": "flask-security"})
    told = runner(app)("users", "import", "-", input=row, code=1).stdout
    assert "HOUSEKEY_PASSWORDS_FLASK_SECURITY_SALT" in told


def imported(run, content, *options, code=0):
    return json.loads(run("users", "import", "-", "--json", *options, input=content, code=code).stdout)


def test_a_byte_order_mark_semicolons_quotes_and_line_breaks_are_understood(run):
    lines = [
        "\ufeffemail;name;username",
        '"ann@example.test";"Ann ""A"" Smith; born Jones";ann',
        "",
        '"bob@example.test";"";"bob"',
    ]
    content = "".join(f"{line}\r\n" for line in lines)
    assert imported(run, content)["imported"] == 2
    assert run.json("users", "show", "ann")["name"] == 'Ann "A" Smith; born Jones'


def test_a_file_in_another_encoding_is_told_by_line(run):
    content = "email,name\nann@example.test,Ann\nbob@example.test,Jürgen\n".encode("cp1252")
    report = imported(run, content, code=1)
    assert [(f["line"], f["column"], f["code"]) for f in report["faults"]] == [(3, "name", "not_utf8")]
    assert "iconv" in report["faults"][0]["cure"]
    assert report["imported"] == 1
    wide = imported(run, "email\nann@example.test\n".encode("utf-16"), code=1)
    assert [(f["line"], f["code"]) for f in wide["faults"]] == [(1, "not_utf8")]


def test_a_quote_that_is_never_closed_says_which_lines_were_not_read(run):
    report = imported(run, 'email,name\nann@example.test,Ann\nbob@example.test,"Bob\neve@example.test,Eve\n', code=1)
    (fault,) = report["faults"]
    assert (fault["line"], fault["code"]) == (3, "broken_csv")
    assert "Lines 3 to 4" in fault["text"]


def test_huge_fields_and_lines_are_told_and_cost_nothing_else(run):
    report = imported(run, f"email,name\nann@example.test,{'x' * 200_000}\nbob@example.test,Bob\n", code=1)
    assert [(f["line"], f["code"]) for f in report["faults"]] == [(2, "broken_csv")]
    assert report["imported"] == 1
    lines = ['{"email": "eve@example.test"}', json.dumps({"email": "x" * 2_000_000}), '{"email": "zoe@example.test"}']
    report = imported(run, "\n".join(lines), code=1)
    assert [(f["line"], f["code"]) for f in report["faults"]] == [(2, "too_long")]
    assert report["imported"] == 2


@pytest.mark.parametrize(
    "line",
    ["[]", "7", '{"email": "a@b.test"', '{"email": 1, "email": 2}', '{"email": NaN}', "[" * 50_000, "{" + "1" * 5_000],
)
def test_what_is_no_json_object_is_told_by_line(run, line):
    report = imported(run, '{"email": "ann@example.test"}\n' + line, "--format", "jsonl", code=1)
    assert [(f["line"], f["code"]) for f in report["faults"]] == [(2, "broken_json")]
    assert report["imported"] == 1


@pytest.mark.parametrize("given", [7, ["x"], {"a": 1}, True, "\ud800", "nul\0"])
@pytest.mark.parametrize(
    "column", ["email", "username", "name", "password_hash", "email_verified", "disabled", "roles"]
)
def test_a_json_value_of_a_wrong_kind_is_told_and_never_fails(run, column, given):
    row = {"email": "ann@example.test", "username": "ann"} | {column: given}
    content = json.dumps(row) + '\n{"email": "bob@example.test"}'
    fine = column in ("email_verified", "disabled") and given is True
    report = imported(run, content, code=0 if fine else 1)
    assert report["imported"] == (2 if fine else 1)


@pytest.mark.flaw(60)
@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "@SUM(1)", "<script>alert(1)</script>", "{{ 7*7 }}", "'; DROP TABLE users--"]
)
def test_formulas_and_markup_stay_the_text_that_they_are(app, run, name):
    rows = json.dumps({"email": "ann@example.test", "name": name, "password_hash": HASH})
    imported(run, rows)
    assert run.json("users", "show", "ann@example.test")["name"] == name
    client = app.test_client()
    log_in(client, password=DATA["password"])
    page = client.get("/account", follow_redirects=True).text
    assert "<script>alert" not in page


@pytest.mark.flaw(60)
def test_nothing_of_the_file_moves_the_terminals_cursor(run):
    told = run("users", "import", "-", input='{"email": "a@b.test", "\\u001b[2J\\u202e": 1}', code=1).stdout
    assert "\x1b" not in told
    assert "\u202e" not in told


@pytest.mark.flaw(20)
def test_a_username_that_is_the_persons_own_address_is_left_out_and_anothers_is_refused(bring, run):
    report = bring("ann@example.test,Ann@Example.test,,,", ",ann@example.test,,,", code=1)
    assert [(w["line"], w["code"]) for w in report["warnings"]] == [(2, "username_is_email")]
    assert [(f["line"], f["code"]) for f in report["faults"]] == [(3, "invalid_username")]
    assert run.json("users", "show", "ann@example.test")["username"] is None


def test_one_event_tells_of_each_batch(app, bring):
    heard = []
    app.accounts.on(UsersImported, lambda event, session: heard.append(event.count))
    bring(*(f"u{n}@example.test,,,," for n in range(700)))
    assert heard == [500, 200]


def test_the_default_role_is_given_as_at_registration(runner):
    app = small_app(HOUSEKEY_REGISTRATION_DEFAULT_ROLE="member")
    run = runner(app)
    run("roles", "create", "member")
    run("users", "import", "-", input="email\nann@example.test\n")
    assert run.json("users", "show", "ann@example.test")["roles"] == ["member"]


def test_thousands_of_users_take_a_few_statements_for_each_batch(runner):
    app = small_app()
    statements = []
    house = app.accounts._houses[0]
    sa.event.listen(house.store.engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    rows = "".join(f"u{n}@example.test,user{n},User {n},{HASH},\n" for n in range(4_000))
    told = runner(app)("users", "import", "-", input=HEADER + rows).stdout
    assert "Imported: 4000." in told
    assert len(statements) < 4_000 / 500 * 40
    assert counted(app)[:4] == [4_000, 4_000, 8_000, 4_000]


class Base(DeclarativeBase):
    pass


class Size(enum.Enum):
    small = 1
    large = 2


class Member(UserMixin, Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    company: Mapped[str] = mapped_column(sa.String(20))
    age: Mapped[int | None] = mapped_column()
    badge: Mapped[int | None] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(sa.String(30), default="none")
    likes: Mapped[dict[str, bool] | None] = mapped_column(sa.JSON)
    size: Mapped[Size | None] = mapped_column(sa.Enum(Size))
    colour: Mapped[str | None] = mapped_column(sa.Enum("red", "green", name="colour"))
    note: Mapped[str | None] = mapped_column(sa.Text)
    weight: Mapped[float | None] = mapped_column()
    rests: Mapped[timedelta | None] = mapped_column()

    @validates("company")
    def _known(self, key, value):
        if value == "Evil Inc":
            raise ValueError("not with them")
        return value.upper()


@pytest.fixture
def members(database_url, app_with):
    engine = sa.create_engine(database_url)
    app = app_with(Housekey(engine=engine, user_model=Member), HOUSEKEY_CREATE_TABLES=True)
    with app.app_context():
        from housekey.store.creation import create_tables

        create_tables(app.accounts.house.store)
    yield app
    engine.dispose()


MEMBERS = "email,company,age,badge\n"


def test_the_hosts_own_columns_are_filled_and_its_rules_hold(members, runner):
    rows = [
        "ann@example.test,Acme,41,1",
        "bob@example.test,Acme,,2",
        "old@example.test,Acme,many,3",
        "eve@example.test,Evil Inc,30,4",
        "non@example.test,,30,5",
        "big@example.test,A name that is much too long,30,6",
        "dup@example.test,Acme,30,1",
        "zoe@example.test,Acme,30,7",
    ]
    content = MEMBERS + "\n".join(rows)
    report = json.loads(runner(members)("users", "import", "-", "--json", input=content, code=1).stdout)
    told = sorted((f["line"], f["column"], f["code"]) for f in report["faults"])
    assert told == [
        (4, "age", "wrong_type"), (5, "", "refused_by_model"), (6, "company", "missing"), (7, "company", "too_long"),
        (8, "", "refused_by_database"),
    ]  # fmt: skip
    assert report["imported"] == 3
    with members.app_context(), members.accounts.house.read() as connection:
        found = connection.execute(sa.select(Member.email, Member.company, Member.age, Member.slug)).all()
    assert sorted(map(tuple, found)) == [
        ("ann@example.test", "ACME", 41, "none"),
        ("bob@example.test", "ACME", None, "none"),
        ("zoe@example.test", "ACME", 30, "none"),
    ]


def test_identifiers_belong_to_the_rows_they_came_with(members, runner):
    content = MEMBERS + "".join(f"u{n}@example.test,Acme,{n},{n}\n" for n in range(1, 1300))
    runner(members)("users", "import", "-", input=content)
    with members.app_context(), members.accounts.house.read() as connection:
        identifiers = members.accounts.house.store.tables["identifiers"]
        pairs = connection.execute(
            sa.select(Member.email, identifiers.c.key).join(identifiers, identifiers.c.user_id == Member.id)
        ).all()
    assert len(pairs) == 1299
    assert all(email_key(email) == key for email, key in pairs)


PROGRAM = """
import sys
from flask import Flask
from housekey import Housekey
app = Flask("imported")
app.secret_key = "0123456789abcdef" * 4
app.config.update(TESTING=True, HOUSEKEY_PASSWORDS_HASH_PROFILE="cheap", SQLALCHEMY_DATABASE_URI=sys.argv[1],
                  HOUSEKEY_REGISTRATION_ALLOW_TEST_ADDRESSES=True)
accounts = Housekey(app)
from housekey.commands import cli
sys.exit(app.test_cli_runner(catch_exceptions=False).invoke(cli, ["users", "import", sys.argv[2]]).exit_code)
"""


def test_an_import_that_was_killed_is_continued_by_running_it_again(sqlite_url, tmp_path, runner):
    file = tmp_path / "people.csv"
    file.write_text("email,password_hash\n" + "".join(f"u{n}@example.test,{HASH}\n" for n in range(6_000)))
    app = small_app(sqlite_url)
    child = subprocess.Popen([sys.executable, "-c", PROGRAM, sqlite_url, str(file)])
    try:
        deadline = time.monotonic() + 60
        while not _users(app) and time.monotonic() < deadline and child.poll() is None:
            time.sleep(0.02)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    done = _users(app)
    assert 0 < done < 6_000
    assert done % 500 == 0
    report = json.loads(runner(app)("users", "import", str(file), "--json").stdout)
    assert (report["already_there"], report["imported"]) == (done, 6_000 - done)
    assert counted(app)[:4] == [6_000] * 4


def _users(app) -> int:
    try:
        return counted(app)[0]
    except SQLAlchemyError:
        return 0


def test_columns_of_choices_and_json_take_what_they_hold_and_say_what_that_is(members, runner):
    rows: list[dict[str, object]] = [
        {"email": "ann@example.test", "likes": {"tea": True}, "size": "large", "colour": "red", "note": "x"},
        {"email": "bob@example.test", "likes": '{"tea": false}', "size": 1},
        {"email": "c@example.test", "size": "huge"},
        {"email": "d@example.test", "colour": "blue"},
        {"email": "e@example.test", "note": 5},
    ]
    lines = "\n\n".join(json.dumps({"company": "Acme"} | row) for row in rows)
    report = json.loads(runner(members)("users", "import", "-", "--json", input=lines, code=1).stdout)
    told = {(fault["line"], fault["column"]): fault["text"] for fault in report["faults"]}
    assert sorted(told) == [(5, "size"), (7, "colour"), (9, "note")], "empty lines count, and say nothing"
    assert "small, large" in told[5, "size"]
    assert "red, green" in told[7, "colour"]
    assert "a text" in told[9, "note"]
    with members.app_context(), members.accounts.house.read() as connection:
        found = connection.execute(sa.select(Member.likes, Member.size, Member.colour).order_by(Member.email)).all()
    assert list(map(tuple, found)) == [({"tea": True}, Size.large, "red"), ({"tea": False}, Size.small, None)]


@pytest.mark.flaw(45)
@pytest.mark.parametrize("strict", [False, True])
def test_a_value_that_a_driver_cannot_send_costs_its_own_row_and_no_other(members, runner, strict):
    """The import ended there in a traceback, and each time anew: nobody behind that line came in."""
    odd = [{"age": 10**30}, {"weight": "nan"}, {"weight": "inf"}, {"rests": 10**12}]
    rows = [{"email": f"{n}@example.test"} | row for n, row in enumerate([{}, *odd, {"age": 1}])]
    lines = "\n".join(json.dumps({"company": "Acme"} | row) for row in rows)
    options = ["--strict"] if strict else []
    result = runner(members)("users", "import", "-", "--json", *options, input=lines, code=1)
    report = json.loads(result.stdout)
    assert {fault["code"] for fault in report["faults"]} == {"refused_by_database"}
    assert all(fault["cure"] for fault in report["faults"])
    if strict:
        assert report["imported"] == _users(members) == 0
    else:
        assert {fault["line"] for fault in report["faults"]} >= {2}
        assert report["imported"] == _users(members) == 6 - report["refused"] >= 2


def test_of_very_many_faults_the_first_are_shown_and_the_rest_counted(run):
    lines = "".join(f"nobody {n},,,,\n" for n in range(200))
    told = run("users", "import", "-", input=HEADER + lines, code=1).stdout
    assert "line 2, email" in told
    assert " more. --json shows all." in told


def test_a_line_beyond_all_measure_is_told_by_its_number(run):
    long = "x" * (LONGEST_LINE + 1)
    told = run("users", "import", "-", input=f"email\n{long}\n", code=1).output
    assert f"has more than {LONGEST_LINE} bytes" in told
    objects = json.dumps({"email": "ann@example.test"}) + f'\n{{"email": "{long}"}}\n'
    report = json.loads(run("users", "import", "-", "--json", input=objects, code=1).stdout)
    assert [(fault["line"], fault["code"]) for fault in report["faults"]] == [(2, "too_long")]
