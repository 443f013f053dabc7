"""Looking after the outbox: as a page, as JSON, and at the terminal. Nobody sees what a mail says."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from housekey.capabilities.outbox.pages import PURPOSES
from housekey.errors import DeliveryRefused
from housekey.kernel import clock
from rig.apps import registered, small_app
from rig.mails import ANN, deliver, outbox, send
from rig.people import administrator

SOURCE = Path(__file__).parents[3] / "src" / "housekey" / "capabilities"
PURPOSE = re.compile(r'(?:purpose=|PURPOSE = |RESET = |\nUSERNAME = |Notice\(\s*event=[\w.]+,\s*name=)"(\w+)"')
PAGE, API = "/account/admin/outbox", "/account/api/admin/outbox"


@pytest.fixture
def app():
    return small_app(HOUSEKEY_MAIL_BUDGET=1000)


@pytest.fixture
def failed(app):
    """The id of a mail that was refused."""

    def refuse(mail):
        raise DeliveryRefused("550 <script>no</script>")

    app.accounts.mail_transport(refuse)
    item_id = send(app)
    deliver(app)
    return item_id


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("path", [PAGE, API])
def test_only_those_with_the_permission_see_it(app, path):
    assert app.test_client().get(path).status_code in (302, 401)
    assert registered(app, "bob@example.test").get(path).status_code == 403
    assert administrator(app).get(path).status_code == 200


def test_a_page_shows_what_failed_and_why_and_nothing_of_the_mail(app, failed):
    page = administrator(app).get(PAGE).text
    assert "550 &lt;script&gt;no" in page
    assert ANN in page
    assert "This is a test" not in page
    assert '<span class="hk-muted">Test · ' in page, "what it is about stands there in words"


def test_json_shows_the_same(app, failed):
    answer = administrator(app).get(f"{API}?state=failed").json
    (item,) = answer["items"]
    assert (item["id"], item["state"], item["tries"]) == (failed, "failed", 1)
    assert item["message_id"] == f"<{failed}@localhost>"
    assert answer["counts"]["failed"] == 1
    assert "body" not in item


def sent_by_form(browser, path):
    return browser.post(path, headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})


def test_what_failed_is_tried_again_by_a_click(app, failed):
    browser = administrator(app)
    app.accounts.mail_transport(lambda mail: None)
    assert sent_by_form(browser, f"{PAGE}/{failed}/retry").status_code == 303
    assert deliver(app).delivered == 1
    assert sent_by_form(browser, f"{PAGE}/{failed}/retry").status_code == 404


def test_what_is_dropped_is_erased_and_never_sent(app, failed):
    browser = administrator(app)
    assert sent_by_form(browser, f"{PAGE}/{failed}/drop").status_code == 303
    (row,) = outbox(app)
    assert (row["state"], row["body"]) == ("dropped", None)
    assert deliver(app).total == 0
    assert browser.post(f"{API}/{failed}/retry").status_code == 404


def test_the_same_by_json(app, failed):
    browser = administrator(app)
    assert browser.post(f"{API}/{failed}/retry").status_code == 204
    assert browser.delete(f"{API}/{failed}").status_code == 204
    assert browser.delete(f"{API}/nothing").status_code == 404
    assert browser.get(API).json["counts"] == {
        "waiting": 0, "sending": 0, "delivered": 0, "failed": 0, "dropped": 1
    }  # fmt: skip


def test_pages_go_on_by_key_and_miss_nothing(app):
    with clock.stopped() as time:
        for number in range(120):
            send(app, f"user{number}@example.org")
            if number % 3:
                time.forward(timedelta(seconds=1))
    browser, seen, before = administrator(app), [], ""
    while before is not None:
        answer = browser.get(f"{API}?before={before}").json
        seen += [item["recipient"] for item in answer["items"]]
        before = answer["next"]
    assert len(seen) == len(set(seen)) == 120
    assert browser.get(f"{API}?before=nothing").json["items"] == []


class TestCommands:
    """`flask housekey outbox`, `deliver` and `mail test`."""

    @pytest.fixture
    def run(self, app):
        from commands.conftest import Runner

        return Runner(app)

    def test_a_list_says_what_failed(self, run, failed):
        assert "550 <script>no</script>" in run("outbox", "list", "--state", "failed").stdout
        (item,) = run.json("outbox", "list")
        assert (item["id"], item["last_error"]) == (failed, "550 <script>no</script>")
        assert "body" not in item

    def test_retry_and_deliver(self, run, app, failed):
        assert run("deliver").stdout == "Nothing waits to be sent.\n"
        app.accounts.mail_transport(lambda mail: None)
        run("outbox", "retry", "--failed")
        assert run.json("deliver") == {"delivered": 1, "postponed": 0, "failed": 0}

    def test_drop(self, run, app, failed):
        run("outbox", "drop", failed)
        assert outbox(app)[0]["state"] == "dropped"
        run("outbox", "drop", failed, code=1)
        run("outbox", "drop", code=2)

    def test_a_test_mail_tells_what_the_server_said(self, run, app, failed):
        assert "It was not sent: 550" in run("mail", "test", ANN, code=1).stderr
        app.accounts.mail_transport(lambda mail: None)
        assert f"Sent to {ANN} (own)" in run("mail", "test", ANN).stdout
        assert "no e-mail address" in run("mail", "test", "nonsense", code=1).stderr


def test_every_purpose_of_ours_has_words():
    """A new kind of mail must not show its word to people."""
    said = {found for path in SOURCE.rglob("*.py") for found in PURPOSE.findall(path.read_text())}
    assert {"registration", "new_device", "closed"} <= said
    assert said <= PURPOSES.keys()
