"""Those who manage users find them, fifty a page, by any part of what they are called."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from housekey.capabilities.admin import finding
from housekey.capabilities.admin.finding import PAGE_SIZE
from rig.apps import PASSWORD, registered, small_app
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
    first, second = found(root, face, page=1), found(root, face, page=2)
    assert (len(first), len(second)) == (PAGE_SIZE, 21)
    assert not set(first) & set(second)


def test_json_tells_how_many_there_are_and_where_they_end(app, root):
    people(app, *(f"Person {number}" for number in range(PAGE_SIZE)))
    answer = root.get("/account/api/admin/users?page=3").json
    assert answer == {"users": [], "total": PAGE_SIZE + 1, "page": 3, "pages": 2}
    assert root.get("/account/api/admin/users?query=nobody").json["pages"] == 1


def test_a_page_past_the_end_shows_the_last_one(app, root):
    people(app, *(f"Person {number}" for number in range(PAGE_SIZE)))
    assert found(root, "page", page=99) == ["Root"]


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


@pytest.mark.asvs("1.2.4")
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
    assert "query=Person+4" not in root.get("/account/admin/users?query=Person").text
    assert re.search(r'href="[^"]*query=Person[^"]*"', root.get("/account/admin/users?query=Person").text)


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=1000001", "page=1&page=2", "page=1.5", "page=9e9"]
)
@pytest.mark.parametrize("path", ["/account/admin/users", "/account/api/admin/users"])
def test_pages_are_counted_from_one(root, path, query):
    assert root.get(f"{path}?{query}").status_code == 422


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
    finding.find(house)
    assert len(asked) == 3


def test_the_administrator_is_in_the_list_too(root):
    assert [user["email"] for user in root.get("/account/api/admin/users").json["users"]] == [ADMIN]
