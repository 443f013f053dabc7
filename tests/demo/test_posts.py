"""Posts: everybody reads, owners change."""

from __future__ import annotations

import pytest

from housekey.demo.forms import BODY_LENGTH, TITLE_LENGTH
from housekey.testing import PASSWORD

OURS = "Herons"
WAYS_TO_CHANGE = [("GET", "/edit"), ("POST", "/edit"), ("GET", "/delete"), ("POST", "/delete")]


@pytest.fixture
def bob_at_home(app, housekey_user):
    return app.test_client(user=housekey_user(name="Bob"))


def test_the_front_page_is_for_everybody(app, posted):
    page = app.test_client().get("/")
    assert page.status_code == 200
    assert OURS in page.text
    assert "Ann" in page.text


def test_a_front_page_without_posts_invites_to_write_one(app):
    assert "Nothing is written here yet" in app.test_client().get("/").text


def test_an_address_is_never_shown_as_an_authors_name(app, housekey_user):
    secretive = app.test_client(user=housekey_user(name=None, email="secretive@example.org"))
    secretive.post("/posts/new", data={"title": OURS, "body": "."})
    assert "secretive" not in app.test_client().get("/").text


def test_the_dashboard_greets_by_name_and_shows_ones_own_posts_alone(ann_at_home, bob_at_home, posted):
    assert "Hello, Ann" in ann_at_home.get("/dashboard").text
    assert OURS in ann_at_home.get("/dashboard").text
    assert "Hello, Bob" in bob_at_home.get("/dashboard").text
    assert OURS not in bob_at_home.get("/dashboard").text


def test_an_owner_mends_a_post(ann_at_home, posted):
    form = ann_at_home.get(f"{posted}/edit")
    assert 'value="Herons"' in form.text
    assert "I counted eleven." in form.text
    answer = ann_at_home.post(f"{posted}/edit", data={"title": "Swans", "body": "They were swans.\r\n\r\nSorry."})
    assert (answer.status_code, answer.headers["Location"]) == (303, posted)
    page = ann_at_home.get(posted).text
    assert "Swans" in page
    assert "They were swans.\n\nSorry." in page


def test_an_owner_deletes_a_post_after_a_question(ann_at_home, posted):
    assert OURS in ann_at_home.get(f"{posted}/delete").text
    assert ann_at_home.get(posted).status_code == 200
    assert ann_at_home.post(f"{posted}/delete").status_code == 303
    assert ann_at_home.get(posted).status_code == 404


@pytest.mark.parametrize(("method", "way"), WAYS_TO_CHANGE)
def test_another_persons_post_is_forbidden_whatever_the_url(bob_at_home, posted, method, way):
    data = {"title": "Mine now", "body": "Ha."}
    answer = bob_at_home.open(posted + way, method=method, data=data if method == "POST" else None)
    assert answer.status_code == 403
    assert OURS in bob_at_home.get(posted).text


@pytest.mark.parametrize(("method", "way"), WAYS_TO_CHANGE)
def test_nobody_in_particular_is_asked_to_log_in(app, posted, method, way):
    visitor = app.test_client()
    answer = visitor.open(posted + way, method=method)
    assert answer.status_code in (302, 303)
    assert answer.headers["Location"].startswith("/account/login")
    assert OURS in visitor.get(posted).text


def test_programs_get_problem_details_instead(app, bob_at_home, posted):
    as_json = {"Accept": "application/json"}
    refused = bob_at_home.get(f"{posted}/edit", headers=as_json)
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    unknown = app.test_client().get(f"{posted}/edit", headers=as_json)
    assert (unknown.status_code, unknown.json["code"]) == (401, "not_logged_in")


def test_another_sites_form_changes_nothing(ann_at_home, posted):
    answer = ann_at_home.post(f"{posted}/delete", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert ann_at_home.get(posted).status_code == 200


@pytest.mark.parametrize(
    ("title", "body", "advice"),
    [
        ("", "A body.", "Give your post a title"),
        (" \t", "A body.", "Give your post a title"),
        ("x" * (TITLE_LENGTH + 1), "A body.", "Shorten the title"),
        ("A title", "", "Write something"),
        ("A title", "x" * (BODY_LENGTH + 1), "Shorten your post"),
    ],
)
def test_what_is_wrong_with_a_draft_is_said_and_nothing_is_kept(ann_at_home, title, body, advice):
    answer = ann_at_home.post("/posts/new", data={"title": title, "body": body})
    assert answer.status_code == 422
    assert advice in answer.text
    assert "Nothing is written here yet" in ann_at_home.get("/").text


def test_a_faulty_change_leaves_the_post_as_it_was(ann_at_home, posted):
    assert ann_at_home.post(f"{posted}/edit", data={"title": "", "body": "Lost?"}).status_code == 422
    page = ann_at_home.get(posted).text
    assert OURS in page
    assert "Lost?" not in page


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", "{{ 7919 * 104729 }}", "'); DROP TABLE posts; --", "\0", "🦢"]
)
def test_whatever_is_typed_stays_text(ann_at_home, typed):
    answer = ann_at_home.post("/posts/new", data={"title": f"a{typed}", "body": typed})
    assert answer.status_code == 303
    for path in (answer.headers["Location"], "/", "/dashboard"):
        page = ann_at_home.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert str(7919 * 104729) not in page.text


@pytest.mark.parametrize("number", ["4711", "0", "-1", "x", "99999999999999999999"])
def test_a_post_that_isnt_there_is_missed_politely(ann_at_home, number):
    for way in ("", "/edit", "/delete"):
        answer = ann_at_home.get(f"/posts/{number}{way}")
        assert answer.status_code == 404
        assert "There is no such page" in answer.text


def test_registering_leads_to_the_dashboard(app):
    newcomer = app.test_client()
    data = {"email": "new@example.test", "name": "New", "password": PASSWORD}
    answer = newcomer.post("/account/register", data=data, follow_redirects=True)
    assert answer.request.path == "/dashboard"
    assert "Hello, New" in answer.text


def test_logging_out_leads_to_the_front_page(ann_at_home):
    assert ann_at_home.post("/account/logout", follow_redirects=True).request.path == "/"
    assert ann_at_home.get("/dashboard").status_code == 302
