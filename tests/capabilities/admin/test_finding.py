"""Those who manage users find them, fifty a page, by any part of what they are called."""

import html
import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from housekey.capabilities.admin import finding
from housekey.capabilities.admin.finding import PAGE_SIZE
from housekey.capabilities.admin.inputs import Search
from housekey.capabilities.notices import freezing
from housekey.kernel import clock
from housekey.store import paging, users
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import ADMIN, administrator, grant, house_of, id_of, role

NAUGHTY = json.loads((Path(__file__).parents[2] / "data" / "naughty_strings.json").read_text())
FACES = ["page", "json"]


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def root(app):
    return administrator(app, name="Root")


def found(client, face="json", **query):
    """The names that a face shows, in their order."""
    if face == "json":
        answer = client.get("/account/api/admin/users", query_string=query)
        assert answer.status_code == 200, answer.text
        return [user["name"] for user in answer.json["users"]]
    answer = client.get("/account/admin/users", query_string=query)
    assert answer.status_code == 200, answer.text
    return re.findall(r'<a href="/account/admin/users/[^"]+">([^<]*)</a>', answer.text)


def people(app, *names, **columns):
    """Users that the host has made itself, quicker than by registering each."""
    house = house_of(app)
    with house.write() as unit:
        for name in names:
            unit.session.add(house.store.user_model(name=name, **columns))
            unit.session.flush()


@pytest.mark.parametrize("face", FACES)
def test_all_users_are_listed_the_latest_first(app, root, face):
    registered(app, "ann@example.test", name="Ann")
    registered(app, "bob@example.test", name="Bob")
    assert found(root, face) == ["Bob", "Ann", "Root"]


@pytest.mark.parametrize("face", FACES)
def test_fifty_stand_on_a_page_and_nobody_on_two(app, root, face):
    people(app, *(f"Person {number}" for number in range(PAGE_SIZE + 20)))
    first, second = found(root, face), found(root, face, after=following(root))
    assert (len(first), len(second)) == (PAGE_SIZE, 21)
    assert not set(first) & set(second)


def following(client, **query):
    """The cursor of the page after this one."""
    return client.get("/account/api/admin/users", query_string=query).json["next"]


def all_pages(client, **query):
    """The names of all pages, in their order."""
    names, after = [], ""
    while after is not None:
        names.append(found(client, **query, after=after))
        after = following(client, **query, after=after)
    return names


def test_json_tells_how_many_there_are_and_where_they_end(app, root):
    people(app, *(f"Person {number}" for number in range(PAGE_SIZE)))
    first = root.get("/account/api/admin/users").json
    last = root.get("/account/api/admin/users", query_string={"after": first["next"]}).json
    assert (first["total"], last["total"], last["next"]) == (PAGE_SIZE + 1, PAGE_SIZE + 1, None)
    assert [user["name"] for user in last["users"]] == ["Root"]
    assert root.get("/account/api/admin/users?query=nobody").json == {"users": [], "total": 0, "next": None}


def test_nobody_is_counted_beyond_a_thousand(app, root):
    house = house_of(app)
    with house.write() as unit:
        unit.session.add_all(house.store.user_model(name=f"Person {number}") for number in range(1100))
    assert root.get("/account/api/admin/users").json["total"] == 1001
    assert "more than 1000" in root.get("/account/admin/users").text


def test_who_comes_and_goes_meanwhile_moves_nobody_from_page_to_page(app, root):
    people(app, *(f"Person {number:02}" for number in range(PAGE_SIZE + 5)))
    after = following(root)
    people(app, *(f"Late {number}" for number in range(7)))
    assert found(root, after=after) == ["Person 04", "Person 03", "Person 02", "Person 01", "Person 00", "Root"]


ORDERS = {
    "newest": lambda user: (-user["number"],),
    "oldest": lambda user: (user["number"],),
    "name": lambda user: (user["name"] is None, user["name"] or "", user["number"]),
    "email": lambda user: (user["email"] is None, user["email"] or "", user["number"]),
    "last_login": lambda user: (user["seen"] is None, -(user["seen"] or 0), -user["number"]),
}


@pytest.mark.parametrize("sort", ORDERS)
def test_each_order_holds_over_all_pages_and_nobody_is_left_out(database_url, sort):
    """Many share a name, a moment or nothing at all."""
    app = small_app(database_url)
    root = administrator(app)
    house = house_of(app)
    accounts, made = house.store.tables["accounts"], []
    with clock.stopped() as time, house.write() as unit:
        for number in range(130):
            user = {
                "name": [None, "same", f"n{number * 37 % 130:03}"][number % 3],
                "email": f"p{number * 53 % 130:03}@example.test" if number % 5 else None,
                "seen": number * 7 % 11 if number % 4 else None,
                "number": number,
            }
            row = house.store.user_model(name=user["name"], email=user["email"], username=f"u{number:03}")
            unit.session.add(row)
            unit.session.flush()
            if number % 2:
                time.forward(timedelta(seconds=1))
            seen = None if user["seen"] is None else clock.now() - timedelta(days=50 - user["seen"])
            seen = seen and seen.replace(hour=0, minute=0, second=0, microsecond=0)
            unit.execute(accounts.update().where(accounts.c.user_id == row.id).values(last_login_at=seen))
            made.append(user)
    shown, after = [], ""
    while after is not None:
        query = {"sort": sort, "after": after, "query": "u"}
        answer = root.get("/account/api/admin/users", query_string=query).json
        shown += [int(user["username"][1:]) for user in answer["users"] if user["username"]]
        after = answer["next"]
    assert shown == [user["number"] for user in sorted(made, key=ORDERS[sort])]


def test_strangers_with_long_addresses_hide_nobody(database_url):
    """More of them than a page holds, alike in their first 200 characters: the next page began with the first of them,
    and so did each after it."""
    app = small_app(database_url)
    root = administrator(app, "z@example.test")
    house, domain = house_of(app), ".".join(["b" * 60] * 3)
    alike = [f"{'a' * 20}@{domain}.{number:03}.example.test" for number in range(60)]
    with house.write() as unit:
        unit.session.add_all([house.store.user_model(email=email) for email in alike])
    assert len(alike[0].rpartition(".example")[0]) > 200
    shown, after = [], ""
    while after is not None and len(shown) < 100:
        answer = root.get("/account/api/admin/users", query_string={"sort": "email", "after": after}).json
        shown += [user["email"] for user in answer["users"]]
        after = answer["next"]
    assert shown == [*alike, "z@example.test"]


def test_users_without_an_account_row_are_listed_too(database_url):
    app = small_app(database_url)
    root = administrator(app, name="Root")
    house = house_of(app)
    with house.write() as unit:  # past SQLAlchemy's objects, as a script of the host may do it
        table = house.store.schema.mapper.local_table
        unit.execute(sa.insert(table), [{"name": f"Raw {number:02}"} for number in range(PAGE_SIZE + 3)])
    for sort in ("newest", "oldest", "name", "last_login"):
        names = [name for page in all_pages(root, sort=sort) for name in page]
        assert (len(names), len(set(names))) == (PAGE_SIZE + 4, PAGE_SIZE + 4), sort


def test_users_are_narrowed_by_state_and_role(database_url):
    app = small_app(database_url)
    root = administrator(app, name="Root")
    for name in ("Ann", "Bob", "Cora", "Dan", "Eve"):
        registered(app, f"{name.lower()}@example.test", name=name)
    house, ids = house_of(app), {n: id_of(app, f"{n}@example.test") for n in ("ann", "bob", "cora", "dan", "eve")}
    role(app, "staff")
    grant(app, "eve@example.test", "staff")
    root.patch(f"/account/api/admin/users/{ids['bob']}", json={"disabled": True})
    house.run(lambda unit: freezing.freeze(unit, users.lock(unit.session, unit.schema, ids["cora"])))
    house.run(lambda unit: users.mark_verified(unit.session, unit.schema, ids["dan"], "dan@example.test"))
    for _try in range(5):
        log_in(app.test_client(), "dan@example.test", "not the right one")
    for face in FACES:
        for query, names in {
            "state=active": ["Eve", "Dan", "Ann", "Root"], "state=disabled": ["Bob"], "state=frozen": ["Cora"],
            "state=locked": ["Dan"], "state=unverified": ["Eve", "Cora", "Bob", "Ann", "Root"], "role=staff": ["Eve"],
            "role=nonsense": [], "role=staff&state=disabled": [],
            "state=active&query=a&sort=name": ["Ann", "Dan", "Eve", "Root"],
        }.items():  # fmt: skip
            assert found(root, face, **dict(pair.split("=") for pair in query.split("&"))) == names, query
    assert [it["locked"] for it in root.get("/account/api/admin/users?query=dan@").json["users"]] == [True]
    assert "Locked" in root.get("/account/admin/users?query=dan@").text
    listed = root.get("/account/api/admin/users?state=disabled").json
    assert listed["total"] == 1


def test_users_are_found_by_any_part_of_what_they_are_called(database_url):
    app = small_app(database_url)
    root = administrator(app, name="Root")
    registered(app, "ann.smith@example.test", name="Ann", username="lady")
    registered(app, "bob@elsewhere.test", name="Robert Smythe")
    registered(app, "ivan@example.test", name="Иван", username="иван")
    for query, names in {
        "smith": ["Ann"], "SMITH": ["Ann"], "Sm": ["Robert Smythe", "Ann"], "LADY": ["Ann"], "ady": ["Ann"],
        "elsewhere": ["Robert Smythe"], "@example.test": ["Иван", "Ann", "Root"], "robert s": ["Robert Smythe"],
        "  ann  ": ["Ann"], "иван": ["Иван"], "ИВАН": ["Иван"], "nobody": [],
    }.items():  # fmt: skip
        for face in FACES:
            assert found(root, face, query=query) == names, (query, face)


@pytest.mark.asvs("1.2.4", "1.2.9")
def test_the_signs_of_like_are_letters_like_others(database_url):
    app = small_app(database_url)
    root = administrator(app, name="Root")
    people(app, "100% cotton", "snake_case", "back\\slash", "for/ward", "[set]", "plain")
    for query, name in {
        "%": "100% cotton",
        "_": "snake_case",
        "\\": "back\\slash",
        "/": "for/ward",
        "[s": "[set]",
    }.items():
        assert found(root, query=query) == [name], query
    for query in ("%%", "p%n", "p_ain", "%' OR 1=1 --", "' OR '1'='1", "plain'"):
        assert found(root, query=query) == [], query


def test_what_was_searched_for_stays_in_the_field_and_is_text(root):
    page = root.get("/account/admin/users", query_string={"query": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert 'value="&#34;&gt;&lt;script&gt;' in page


def test_further_pages_keep_the_query(app, root):
    people(app, *(f"Person {number}" for number in range(PAGE_SIZE + 1)))
    page = root.get("/account/admin/users?query=Person&sort=name&state=active").text
    further = html.unescape(re.search(r'href="(/account/admin/users\?[^"]*after=[^"]*)"', page)[1])
    assert {"query=Person", "sort=name", "state=active"} <= set(further.split("?")[1].split("&"))
    last = root.get(further).text
    assert len(re.findall("Person [0-9]+</a>", last)) == 1
    assert "First page" in last


def cursor(*parts):
    return paging.cursor(*parts)


@pytest.mark.parametrize(
    "query",
    [
        {"after": "x"},
        {"after": cursor("name", "x", "1")},
        {"after": cursor("newest", "x", "1")},
        {"after": cursor("newest", 1, "x")},
        {"after": cursor("newest", 10**17, "1")},
        {"after": cursor("newest", True, "1")},
        {"after": cursor("newest", 1, "1", "1")},
        {"after": cursor("name", "\0", "1"), "sort": "name"},
        {"after": cursor("name", None, "9" * 30), "sort": "name"},
        {"after": "W1tb" * 400},
        {"sort": "password"},
        {"state": "rich"},
    ],
)
@pytest.mark.parametrize("path", ["/account/admin/users", "/account/api/admin/users"])
def test_what_is_no_place_no_order_and_no_state_is_refused(root, path, query):
    assert root.get(path, query_string=query).status_code == 422


@pytest.mark.parametrize("path", ["/account/admin/users", "/account/api/admin/users"])
def test_odd_queries_never_make_an_error_of_ours(root, path):
    for text in NAUGHTY:
        answer = root.get(f"{path}?query={quote(text.encode('utf-8', 'surrogatepass'))}")
        assert answer.status_code in (200, 422), text


def test_users_without_any_name_are_listed_too(app, root):
    people(app, None)
    assert found(root, "page") == ["?", "Root"]
    assert found(root, "json", query="root") == ["Root"]


# Who may look


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("path", ["admin/users", "admin/users/1", "admin/users/999", "admin/users/x"])
def test_only_those_who_manage_users_see_them(app, path):
    ann = registered(app)
    role(app, "editor", "posts:edit")
    role(app, "users")
    grant(app, "ann@example.test", "editor", "users")
    for client, status, code in ((app.test_client(), 401, "not_logged_in"), (ann, 403, "forbidden")):
        answer = client.get(f"/account/api/{path}")
        assert (answer.status_code, answer.json["code"]) == (status, code)
        page = client.get(f"/account/{path}", headers={"Accept": "text/html"})
        assert page.status_code == (302 if status == 401 else 403)


def test_the_permission_counts_not_the_name_of_the_role(app):
    ann = registered(app, name="Ann")
    role(app, "helpdesk", "users:manage")
    grant(app, "ann@example.test", "helpdesk")
    assert found(ann) == ["Ann"]
    role(app, "helpdesk")
    assert ann.get("/account/api/admin/users").status_code == 403


def test_the_menu_leads_there_only_those_who_may(app, root):
    assert 'href="/account/admin/users"' in root.get("/account/profile").text
    assert 'href="/account/admin/users"' not in registered(app).get("/account/profile").text


# What is shown


def test_one_user_is_shown_with_roles_and_sessions(app, root):
    ann = registered(app, name="Ann", username="ann")
    role(app, "editor")
    grant(app, "ann@example.test", "editor")
    answer = root.get(f"/account/api/admin/users/{id_of(app)}").json
    assert (answer["name"], answer["email"], answer["username"]) == ("Ann", "ann@example.test", "ann")
    assert (answer["roles"], answer["disabled_at"]) == (["editor"], None)
    own = ann.get("/account/api/sessions").json["sessions"][0]
    assert [session["id"] for session in answer["sessions"]] == [own["id"]]
    assert answer["sessions"][0]["current"] is False
    page = root.get(f"/account/admin/users/{id_of(app)}").text
    assert "ann@example.test" in page
    assert re.search(r'value="editor"[^>]* checked', page)


@pytest.mark.asvs("15.3.1")
def test_no_hash_and_no_token_is_ever_shown(app, root):
    registered(app)
    house = house_of(app)
    with house.read() as connection:
        secrets = [row.hash for row in connection.execute(house.store.tables["passwords"].select())]
        secrets += [row.token.hex() for row in connection.execute(house.store.tables["sessions"].select())]
    assert len(secrets) == 4
    for path in ("", "/api"):
        for place in ("", f"/{id_of(app)}"):
            shown = root.get(f"/account{path}/admin/users{place}").text
            assert not any(secret in shown for secret in [*secrets, "argon2", "security_version"])


def test_nobody_is_found_by_a_hash(app, root):
    registered(app)
    for query in ("argon2", "$", "scrypt"):
        assert found(root, query=query) == []


@pytest.mark.asvs("1.2.1")
def test_markup_in_names_agents_and_roles_stays_text(app, root):
    client = app.test_client()
    agent = {"User-Agent": "<img src=x onerror=alert(1)> Firefox/1"}
    body = {"email": "eve@example.test", "password": PASSWORD, "name": "<script>alert(1)</script>"}
    assert client.post("/account/api/register", json=body, headers=agent).status_code == 201
    for path in ("/account/admin/users", f"/account/admin/users/{id_of(app, 'eve@example.test')}"):
        page = root.get(path).text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


ODD_KEYS = [
    "0", "-1", "99", "1.0", "1e0", "01x", "abc", "None", "null", "9" * 19, "9" * 40, "-" + "9" * 25, "9" * 5000, " ",
    "١٢٣", "%00", "1%00", "%0a", "'", "1;drop table users", "1 or 1=1", "{}", "[]", "..%2f1", "é", "%ff",
    "ad min", "<x>",
]  # fmt: skip


@pytest.mark.parametrize("key", ODD_KEYS, ids=range(len(ODD_KEYS)))
def test_a_key_that_nobody_has_is_not_found(root, key):
    for method, path in (("GET", "/account/admin/users/"), ("GET", "/account/api/admin/users/")):
        assert root.open(path + key, method=method).status_code == 404
    assert root.patch("/account/api/admin/users/" + key, json={"disabled": True}).status_code == 404
    answer = root.post(
        "/account/admin/users/" + key, data={"disabled": "true"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 404


def test_finding_asks_a_bounded_number_of_questions(app, root):
    people(app, *(f"Person {number}" for number in range(PAGE_SIZE)))
    house, asked = house_of(app), []
    sa.event.listen(house.store.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    assert finding.find(house, Search()).next
    assert len(asked) == 4


def test_a_page_of_the_newest_follows_an_index_and_sorts_nobody(app, root):
    house, plans = house_of(app), []

    @sa.event.listens_for(house.store.engine, "before_cursor_execute", retval=True)
    def explained(connection, cursor, statement, parameters, context, executemany):
        if "ORDER BY housekey_accounts.created_at" in statement:
            plans.extend(cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())
        return statement, parameters

    for sort in ("newest", "oldest"):
        for after in ("", cursor(sort, 1, "1")):
            finding.find(house, Search(sort=sort, after=after))
    steps = [row[3] for row in plans]
    assert len(steps) >= 4
    assert any("INDEX ix_housekey_accounts_created_at" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


def test_the_administrator_is_in_the_list_too(root):
    assert [user["email"] for user in root.get("/account/api/admin/users").json["users"]] == [ADMIN]


def test_who_is_leaving_is_closing_and_no_longer_active():
    app = small_app()
    root = administrator(app, name="Root")
    registered(app, "ann@example.test", name="Ann")
    root.patch(f"/account/api/admin/users/{id_of(app)}", json={"closing": True})
    for face in FACES:
        assert found(root, face, state="closing") == ["Ann"]
        assert found(root, face, state="active") == ["Root"]
