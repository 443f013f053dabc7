"""Changes at the same moment, on every database."""

import pytest

from rig.apps import PASSWORD, registered, small_app

PEOPLE = 4


@pytest.fixture
def app(database_url):
    return small_app(database_url)


@pytest.fixture
def browsers(app):
    return [registered(app, f"person{number}@example.test") for number in range(PEOPLE)]


def change(client, **fields):
    return client.patch("/account/api/me", json=fields)


def username(client):
    return client.get("/account/api/me").json["user"]["username"]


@pytest.mark.asvs("15.4.2")
def test_of_many_who_claim_a_username_at_once_one_gets_it(together, browsers):
    answers = together(PEOPLE, lambda number: change(browsers[number], username="wanted"))
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * (PEOPLE - 1)
    for answer in answers:
        if answer.status_code == 422:
            assert answer.json["fields"]["username"][0]["code"] == "username_taken"
    assert [username(browser) for browser in browsers].count("wanted") == 1


def test_of_many_who_claim_names_that_look_alike_at_once_one_gets_it(together, browsers):
    names = ["coco", "c0co", "coc0", "c0c0"]
    answers = together(PEOPLE, lambda number: change(browsers[number], username=names[number]))
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * (PEOPLE - 1)
    assert len([name for name in map(username, browsers) if name]) == 1


def test_of_many_who_register_with_names_that_look_alike_at_once_one_gets_it(together, app):
    app.test_client().get("/account/login")
    names = ["coco", "c0co", "coc0", "c0c0"]

    def act(number):
        body = {"email": f"new{number}@example.test", "password": PASSWORD, "username": names[number]}
        return app.test_client().post("/account/api/register", json=body)

    answers = together(PEOPLE, act)
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * (PEOPLE - 1)


def test_a_name_given_up_goes_to_one_of_those_who_wait_for_it(together, browsers):
    first = browsers[0]
    assert change(first, username="wanted").status_code == 200

    def act(number):
        return change(browsers[number], username="other" if number == 0 else "wanted")

    answers = together(PEOPLE, act)
    assert answers[0].status_code == 200
    assert {answer.status_code for answer in answers} <= {200, 422}
    assert [username(browser) for browser in browsers].count("wanted") <= 1


def test_one_persons_changes_at_once_are_all_kept(together, browsers):
    ann = browsers[0]
    cookies = {cookie.key: cookie.value for cookie in ann._cookies.values()}

    def act(number):
        client = ann.application.test_client()
        for name, value in cookies.items():
            client.set_cookie(name, value)
        return change(client, **[{"name": "Ann"}, {"username": "ann"}, {"time_zone": "Europe/Madrid"}][number])

    assert [answer.status_code for answer in together(3, act)] == [200, 200, 200]
    user = ann.get("/account/api/me").json["user"]
    assert (user["name"], user["username"], user["time_zone"]) == ("Ann", "ann", "Europe/Madrid")
