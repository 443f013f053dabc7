"""People see and change who they are on the site, and nothing else."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from housekey.capabilities.profile import actions, choices
from housekey.capabilities.profile.events import ProfileChanged
from housekey.errors import NotLoggedIn
from housekey.kernel import clock
from housekey.kernel.texts import language
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import grant, heard, house_of, id_of, role

NAUGHTY = json.loads((Path(__file__).parents[2] / "data" / "naughty_strings.json").read_text())
BROWSER = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
FACES = ["page", "json"]


@pytest.fixture
def app():
    return small_app(HOUSEKEY_LANGUAGES=("en", "de", "ar"))


@pytest.fixture
def ann(app):
    return registered(app, name="Ann", username="ann")


def change(client, face, **fields):
    """One change by form or by JSON."""
    if face == "json":
        return client.patch("/account/api/me", json=fields)
    return client.post("/account/profile", data=fields, headers=BROWSER)


def done(answer):
    return answer.status_code in (200, 303)


def me(client):
    answer = client.get("/account/api/me")
    assert answer.status_code == 200
    return answer.json["user"]


def faults(answer, field):
    """The codes of a field's faults; for a page, whether it shows one beside the field."""
    assert answer.status_code == 422
    if answer.is_json:
        return [fault["code"] for fault in answer.json["fields"].get(field, [])]
    return re.findall(f'id="hk-{field}-fault"', answer.text)


# Seeing


def test_me_tells_who_asks_what_they_may_and_how_they_proved_it(app, ann):
    role(app, "editor", "posts:edit")
    grant(app, "ann@example.test", "editor")
    answer = ann.get("/account/api/me").json
    session = ann.get("/account/api/sessions").json["sessions"][0]
    assert answer == {
        "user": {
            "id": str(id_of(app)), "name": "Ann", "email": "ann@example.test", "username": "ann",
            "language": None, "time_zone": None, "created_at": answer["user"]["created_at"], "closing_at": None,
            "profile": {},
        },
        "roles": ["editor"],
        "permissions": ["posts:edit"],
        "session_id": session["id"],
        "auth_time": session["auth_time"],
        "amr": ["pwd"],
        "aal": 1,
    }  # fmt: skip


@pytest.mark.parametrize("method", ["get", "patch"])
def test_nobody_is_nobody(app, method):
    answer = getattr(app.test_client(), method)("/account/api/me", json={})
    assert (answer.status_code, answer.json["code"]) == (401, "not_logged_in")
    page = app.test_client().open("/account/profile", method={"get": "GET", "patch": "POST"}[method], headers=BROWSER)
    assert page.status_code in (302, 303)
    assert "/account/login" in page.location


def test_the_page_shows_what_is_kept_and_nobody_elses(app, ann):
    registered(app, "bob@example.test", name="Bob", username="bob")
    change(ann, "json", language="de", time_zone="America/Argentina/Buenos_Aires")
    page = ann.get("/account/profile").text
    assert 'value="Ann"' in page
    assert 'value="ann"' in page
    assert '<option value="de" selected>Deutsch</option>' in page
    assert '<option value="America/Argentina/Buenos_Aires" selected>Buenos Aires, Argentina</option>' in page
    assert "Bob" not in page


def test_a_time_zone_outside_of_the_list_is_shown_too(ann):
    assert done(change(ann, "json", time_zone="US/Eastern"))
    assert '<option value="US/Eastern" selected>' in ann.get("/account/profile").text


def test_a_site_of_one_language_asks_for_none():
    page = registered(small_app()).get("/account/profile").text
    assert "hk-language" not in page
    assert "hk-time_zone" in page


# Changing


@pytest.mark.parametrize("face", FACES)
def test_what_is_sent_changes_and_what_is_left_out_stays(app, ann, face):
    events = heard(app, ProfileChanged)
    assert done(change(ann, face, name="Anna", time_zone="Europe/Madrid"))
    shown = me(ann)
    assert (shown["name"], shown["username"], shown["time_zone"]) == ("Anna", "ann", "Europe/Madrid")
    assert ann.get("/private").text == "Anna"
    assert [(event.user_id, event.fields) for event in events] == [(id_of(app), ("name", "time_zone"))]


@pytest.mark.parametrize("face", FACES)
def test_a_change_of_nothing_is_told_to_nobody(app, ann, face):
    events = heard(app, ProfileChanged)
    assert done(change(ann, face, name=" Ann ", username="ann"))
    assert done(change(ann, face))
    assert events == []


def test_a_listeners_error_undoes_the_change(app, ann):
    house_of(app).events.on(ProfileChanged, lambda event, session: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        change(ann, "json", name="Anna", language="de")
    assert me(ann)["name"] == "Ann"
    assert me(ann)["language"] is None


@pytest.mark.parametrize(("face", "nothing"), [("json", None), ("page", "")])
def test_an_emptied_name_gives_way_to_the_username_and_then_to_the_address(ann, face, nothing):
    assert done(change(ann, face, name=nothing))
    assert me(ann)["name"] == "ann"
    assert done(change(ann, face, username=nothing))
    assert me(ann)["username"] is None
    assert log_in(ann.application.test_client(), "ann@example.test").status_code == 200


@pytest.mark.parametrize(("face", "nothing"), [("json", None), ("page", "")])
def test_language_and_time_zone_can_be_left_to_the_browser_again(ann, face, nothing):
    assert done(change(ann, face, language="de", time_zone="Europe/Madrid"))
    assert done(change(ann, face, language=nothing, time_zone=nothing))
    assert (me(ann)["language"], me(ann)["time_zone"]) == (None, None)


def test_all_faults_are_told_at_once_and_nothing_is_kept(ann):
    answer = change(ann, "json", name="A\u202eb", username="a b", time_zone="Mars/Base")
    assert {name: faults(answer, name) for name in answer.json["fields"]} == {
        "name": ["invalid_format"],
        "username": ["invalid_username"],
        "time_zone": ["not_a_choice"],
    }
    assert me(ann)["name"] == "Ann"


@pytest.mark.parametrize("face", FACES)
def test_what_was_typed_stays_in_a_refused_form(ann, face):
    answer = change(ann, "page", name="Anna of Avonlea", time_zone="Mars/Base")
    assert answer.status_code == 422
    assert 'value="Anna of Avonlea"' in answer.text
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("zone", ["Mars/Base", "europe/madrid", "../../etc/passwd", "localtime", "Factory", " "])
def test_a_time_zone_is_one_that_exists(ann, face, zone):
    assert faults(change(ann, face, time_zone=zone), "time_zone")


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("code", ["fr", "EN", "en-GB", "x"])
def test_a_language_is_one_that_the_site_offers(ann, face, code):
    assert faults(change(ann, face, language=code), "language")


def test_every_zone_that_the_page_offers_is_taken():
    offered = [name for _region, zones in choices.time_zones_by_region() for name, _city in zones]
    assert len(offered) == len(set(offered)) > 300
    assert set(offered) <= choices.time_zones()
    assert "UTC" in offered


def offered_to(own):
    return {name for _region, zones in choices.time_zones_by_region(own) for name, _city in zones}


def test_of_a_zone_with_several_names_one_is_offered_and_whoever_has_another_keeps_it(ann):
    """“North” and “ACT” in a list of cities, and Kolkata twice, help nobody to choose."""
    assert {"Asia/Kolkata", "America/Argentina/Buenos_Aires", "Australia/Darwin"} <= offered_to(None)
    assert not {"Asia/Calcutta", "America/Buenos_Aires", "Australia/North"} & offered_to(None)
    assert done(change(ann, "api", time_zone="Asia/Calcutta"))
    assert '<option value="Asia/Calcutta" selected' in ann.get("/account/profile").text


@pytest.fixture
def no_table_of_zones(monkeypatch):
    monkeypatch.setattr(choices, "TABLE", "nowhere.tab")
    choices._cities.cache_clear()
    yield
    choices._cities.cache_clear()


def test_where_no_table_says_which_name_is_todays_all_are_offered(no_table_of_zones):
    assert {"Asia/Kolkata", "Asia/Calcutta"} <= offered_to(None)


def test_languages_are_named_in_themselves():
    assert choices.languages(["de", "pt-BR", "zh_Hant", "tlh"]) == [
        ("de", "Deutsch"), ("pt-BR", "Português (BR)"), ("zh_Hant", "中文 (Hant)"), ("tlh", "tlh"),
    ]  # fmt: skip


# Usernames


@pytest.mark.parametrize("face", FACES)
def test_a_new_username_logs_in_and_the_old_one_is_free(app, ann, face):
    assert done(change(ann, face, username="anna"))
    assert log_in(app.test_client(), "anna").status_code == 200
    assert log_in(app.test_client(), "ann").status_code == 401
    bob = registered(app, "bob@example.test")
    assert done(change(bob, face, username="ann"))


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("username", "code"),
    [
        ("bob", "username_taken"), ("BOB", "username_taken"),
        ("b0b", "username_looks_alike"), ("bоb", "username_looks_alike"),
        ("admin", "reserved_username"), ("bob@example.test", "invalid_username"), ("a b", "invalid_username"),
        ("x", "too_short"), ("x" * 65, "too_long"), ("a\nb", "invalid_username"), ("..", "invalid_username"),
    ],
)  # fmt: skip
def test_a_username_follows_the_rules_of_registration(app, ann, face, username, code):
    registered(app, "bob@example.test", username="bob")
    answer = change(ann, face, username=username)
    found = faults(answer, "username")
    assert found == [code] if face == "json" else found
    assert me(ann)["username"] == "ann"


@pytest.mark.parametrize("face", FACES)
def test_ones_own_username_may_change_its_case_and_look(app, ann, face):
    for username in ("Ann", "ANN", "аnn", "ann"):  # the third begins with a Cyrillic letter
        assert done(change(ann, face, username=username)), username
        assert me(ann)["username"] == username
        assert log_in(app.test_client(), "ann" if username.isascii() else username).status_code == 200


def test_a_name_that_comes_to_look_like_anothers_by_its_case_is_refused(app):
    registered(app, "paul@example.test", username="paypal")
    ann = registered(app, username="paypai")
    assert faults(change(ann, "json", username="paypaI"), "username") == ["username_looks_alike"]


def test_nobody_can_take_a_name_that_looks_like_one_changed_in_case_only(app):
    ann = registered(app, username="paypai")
    assert done(change(ann, "json", username="paypaI"))
    bob = registered(app, "bob@example.test")
    assert faults(change(bob, "json", username="paypal"), "username") == ["username_looks_alike"]


@pytest.mark.asvs("7.5.1")
@pytest.mark.parametrize("face", FACES)
def test_a_username_changes_only_shortly_after_a_proof(app, ann, face):
    with clock.stopped() as now:
        now.forward(timedelta(minutes=16))
        answer = change(ann, face, username="anna", name="Anna")
        if face == "json":
            assert (answer.status_code, answer.json["code"]) == (401, "reauthentication_required")
            assert answer.json["methods"] == ["password"]
        else:
            assert "/account/reauthenticate" in answer.location
        assert (me(ann)["username"], me(ann)["name"]) == ("ann", "Ann")
        assert done(change(ann, face, name="Anna", username="ann"))
        ann.post("/account/api/reauthenticate", json={"password": PASSWORD})
        assert done(change(ann, face, username="anna"))


def test_sites_without_usernames_take_none():
    ann = registered(small_app(HOUSEKEY_REGISTRATION_USERNAME="off"))
    assert faults(change(ann, "json", username="ann"), "username") == ["unknown_field"]
    assert done(change(ann, "page", username="ann"))
    assert me(ann)["username"] is None
    assert "hk-username" not in ann.get("/account/profile").text


@pytest.mark.parametrize(("face", "nothing"), [("json", None), ("json", ""), ("page", "")])
def test_sites_that_need_usernames_let_nobody_do_without(face, nothing):
    ann = registered(small_app(HOUSEKEY_REGISTRATION_USERNAME="required"), username="ann")
    assert faults(change(ann, face, username=nothing), "username")
    assert me(ann)["username"] == "ann"


def test_who_has_no_address_keeps_the_username(app, ann):
    house = house_of(app)
    with house.write() as unit:
        unit.session.get(house.store.user_model, id_of(app)).email = None
    assert faults(change(ann, "json", username=None), "username") == ["missing"]


# What must not happen


@pytest.mark.asvs("8.2.3", "15.3.3")
@pytest.mark.parametrize(
    "field",
    [
        "id", "user_id", "email", "is_admin", "admin", "roles", "permissions", "disabled", "disabled_at", "password",
        "email_verified_at", "verified", "security_version", "created_at", "profile", "user", "auth_time", "aal",
    ],
)  # fmt: skip
def test_nothing_but_the_profile_is_taken_from_the_body(app, ann, field):
    bob = registered(app, "bob@example.test", name="Bob")
    before, roles = me(ann), ann.get("/account/api/me").json["roles"]
    for value in (True, "2", 2, {"id": 2}, ["admin"]):
        answer = change(ann, "json", **{"name": "Anna", field: value})
        assert answer.json["fields"][field][0]["code"] == "unknown_field"
        assert me(ann) == before
    assert done(change(ann, "page", **{"name": "Ann", field: "2"}))
    assert me(ann) == before
    assert ann.get("/account/api/me").json["roles"] == roles
    assert me(bob)["name"] == "Bob"


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "name", ["Ann\r\nBcc: all@example.test", "Ann\x00", "Ann\x1b[31m", "An\u2028n", "\u202ennA", "A\tB"]
)
def test_a_name_breaks_no_line_and_turns_no_text_around(ann, face, name):
    assert faults(change(ann, face, name=name), "name")


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "'; DROP TABLE users; --", "{{ 7*7 }}", "{name}", "%s%n", "=1+1"]
)
def test_markup_and_sql_in_a_name_stay_text(app, ann, face, name):
    assert done(change(ann, face, name=name))
    assert me(ann)["name"] == name
    for path in ("/account/", "/account/profile", "/account/sessions"):
        page = ann.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert ">49<" not in page.text


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("fields", [["name"], ["username", "language", "time_zone"]])
def test_odd_texts_never_make_an_error_of_ours(ann, face, fields):
    for text in NAUGHTY[FACES.index(face) :: 2]:
        answer = change(ann, face, **dict.fromkeys(fields, text))
        assert answer.status_code in (200, 303, 400, 422), (text, answer.text)
    assert ann.get("/account/profile").status_code == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(
    body=st.dictionaries(
        st.sampled_from(["name", "username", "language", "time_zone", "id", ""]),
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        ),
    )
)
def test_odd_json_never_makes_an_error_of_ours(ann, body):
    answer = ann.patch("/account/api/me", data=json.dumps(body), content_type="application/json")
    assert answer.status_code in (200, 400, 422), answer.text


def test_a_user_who_is_gone_changes_nothing(app, ann):
    user_id = id_of(app)
    house = house_of(app)
    with house.write() as unit:
        unit.session.delete(unit.session.get(house.store.user_model, user_id))
    assert change(ann, "json", name="Anna").status_code == 401
    with pytest.raises(NotLoggedIn):
        actions.change(house, user_id, actions.Change({"name": "Anna"}), fresh=True)


def test_a_form_of_another_site_changes_nothing(ann):
    answer = ann.post("/account/profile", data={"name": "Eve"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert me(ann)["name"] == "Ann"


# The reader's language


def spoken(client, path="/account/profile", **headers):
    return re.search(r'<html[^>]* lang="([^"]*)"', client.get(path, headers=headers).text)[1]


def test_ones_own_language_counts_before_the_browsers(ann):
    wish = {"Accept-Language": "ar"}
    assert spoken(ann, **wish) == "ar"
    change(ann, "json", language="de")
    assert spoken(ann, **wish) == "de"
    assert spoken(ann.application.test_client(), "/account/login", **wish) == "ar"
    change(ann, "json", language=None)
    assert spoken(ann, **wish) == "ar"


def test_a_language_that_is_offered_no_more_is_not_spoken(app, ann):
    change(ann, "json", language="de")
    table = house_of(app).store.tables["accounts"]
    with house_of(app).write() as unit:
        unit.execute(table.update().values(language="fr"))
    assert spoken(ann) == "en"
    assert ann.get("/account/profile").status_code == 200


def test_a_readers_language_ends_with_the_request(ann):
    change(ann, "json", language="de")
    assert spoken(ann) == "de"
    assert language.get() == "en"
