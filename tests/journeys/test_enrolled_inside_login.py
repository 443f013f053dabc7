"""A site that asks everybody for a second step: it is set up on the way in, by the picture on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from journeys.keys import BLUE, Key
from journeys.notebook import PASSWORD, Notebook, Visitor, serving, someone
from rig.browser import Pages, look, shots
from rig.cameras import qr_code_on
from rig.mailed import CODE
from rig.phones import Phone

pytestmark = pytest.mark.shots


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """Notebook, where everybody must have a second factor."""
    settings = {
        "FLASK_HOUSEKEY_FACTORS_REQUIRED_FOR": "everybody",
        "FLASK_HOUSEKEY_FACTORS_TRUST_DEVICE_FOR": "30d",
        "FLASK_HOUSEKEY_REGISTRATION_VERIFICATION": "off",
    }
    with serving(tmp_path_factory, "strict", **settings) as notebook:
        yield notebook


@pytest.fixture
def visitor(strict: Notebook, new_page: Pages) -> Callable[..., Visitor]:
    return lambda **options: strict.visit(new_page(**options))


def account(visitor):
    """Made without walking through the form; nobody is logged in."""
    email = someone("cleo")
    body = {"email": email, "password": PASSWORD, "name": "Cleo"}
    answer = visitor.page.request.post(f"{visitor.url}/account/api/register", data=body)
    assert answer.status == 202, answer.text()
    visitor.page.request.delete(f"{visitor.url}/account/api/login/challenge")
    return email


def code_for(visitor, email):
    """The latest one, read in another window of the mailbox."""
    reader = Visitor(visitor.page.context.new_page(), visitor.url)
    reader.open_mail(email, "two-step login")
    found = CODE.search(reader.page.locator("main").inner_text())
    reader.page.close()
    return found[0]


def past_the_mail(visitor, email):
    visitor.log_in(email)
    visitor.sees("Look at your mail")
    visitor.fill(Code_from_the_mail=code_for(visitor, email))
    visitor.press("Go on")
    visitor.sees("Set up your second step")


def to_the_picture(visitor, email):
    past_the_mail(visitor, email)
    visitor.follow("Set up an authenticator app")
    expect(visitor.page.get_by_label("Code", exact=True)).to_be_visible()


def sets_up(visitor, email):
    to_the_picture(visitor, email)
    phone = Phone(parse_qs(urlsplit(qr_code_on(visitor.page)).query)["secret"][0])
    visitor.fill(Code=phone.code())
    visitor.press("Go on")
    visitor.sees("Keep your recovery codes")
    return phone


def test_from_the_password_by_mail_and_picture_to_the_session(visitor):
    cleo = visitor()
    email = account(cleo)
    cleo.go("/dashboard")
    cleo.log_in(email)
    cleo.sees("Look at your mail")
    look(cleo.page, "enrol-mailed-code")
    cleo.fill(Code_from_the_mail="AAAA-AAAA")
    cleo.press("Go on")
    expect(cleo.page.get_by_role("alert")).to_contain_text("This code isn't right")
    cleo.fill(Code_from_the_mail=code_for(cleo, email))
    cleo.press("Go on")
    cleo.sees("Set up your second step")
    cleo.follow("Set up an authenticator app")
    expect(cleo.page.get_by_label("Code", exact=True)).to_be_visible()
    look(cleo.page, "enrol-picture")
    cleo.go("/dashboard")
    assert "/account/login" in cleo.page.url, "no session before"
    cleo.go("/account/login/challenge?method=otp")
    read = urlsplit(qr_code_on(cleo.page))
    assert (read.scheme, read.netloc, email in read.path) == ("otpauth", "totp", True)
    phone = Phone(parse_qs(read.query)["secret"][0])
    cleo.fill(Code="000000")
    cleo.press("Go on")
    expect(cleo.page.get_by_role("alert")).to_contain_text("This isn't the code")
    look(cleo.page, "enrol-picture-faults")
    cleo.fill(Code=phone.code())
    cleo.press("Go on")
    cleo.sees("Keep your recovery codes")
    look(cleo.page, "enrol-recovery-codes")
    cleo.follow("I have kept them")
    cleo.is_at("/dashboard")
    cleo.open_mail(email, "Your code to set up")
    shots(cleo.page, "pages/mail-factor-code")

    again = visitor()
    again.log_in(email)
    again.sees("Second step")
    again.fill(Code=phone.code(1))
    again.press("Go on")
    expect(again.page).not_to_have_url(again.url + "/account/login/challenge")
    again.go("/account/factors")
    again.reads("Authenticator app")


def test_a_passkey_is_made_on_the_way_in_and_opens_the_next_login(visitor):
    cleo = visitor()
    email, key = account(cleo), Key(cleo.page)
    cleo.go("/dashboard")
    past_the_mail(cleo, email)
    look(cleo.page, "enrol-passkey")
    key.is_touched(False)
    cleo.press("Set up a passkey")
    expect(cleo.page.get_by_role("button", name="Set up a passkey")).to_have_attribute("aria-disabled", "true")
    cleo.go("/dashboard")
    assert "/account/login" in cleo.page.url, "no session before"
    cleo.go("/account/login/challenge")
    key.is_touched(True)
    cleo.page.get_by_label("Name (optional)").fill("Cleo's laptop")
    cleo.press("Set up a passkey")
    cleo.sees("Keep your recovery codes")
    cleo.follow("I have kept them")
    cleo.is_at("/dashboard")
    cleo.go("/account/factors")
    cleo.reads("Cleo's laptop")
    again = visitor()
    Key(again.page).holds(key.credentials[0])
    again.go("/account/login/passkey?next=/dashboard")
    again.press("Use a passkey")
    again.is_at("/dashboard")


def test_beside_a_key_that_asks_for_no_pin_a_password_is_chosen_on_the_way_in(visitor):
    cleo, email = visitor(), someone("cleo")
    Key(cleo.page, **BLUE)
    cleo.go("/account/register/passkey?next=/dashboard")
    cleo.page.get_by_label("E-mail address").fill(email)
    cleo.press("Register with a passkey")
    cleo.sees("Look at your mail")
    look(cleo.page, "enrol-beside-a-key-code")
    cleo.fill(Code_from_the_mail=code_for(cleo, email))
    cleo.press("Go on")
    cleo.sees("Set up your second step")
    look(cleo.page, "enrol-beside-a-key")
    cleo.follow("Choose a password")
    cleo.sees("Choose a password")
    look(cleo.page, "enrol-password")
    cleo.fill(New_password="short")
    cleo.press("Go on")
    expect(cleo.page.get_by_role("alert")).to_contain_text("at least")
    cleo.fill(New_password=PASSWORD)
    cleo.press("Go on")
    cleo.is_at("/dashboard")


def test_a_recovery_code_of_the_way_in_stands_in_for_the_phone(visitor):
    cleo = visitor()
    email = account(cleo)
    sets_up(cleo, email)
    code = cleo.page.locator("#hk-codes code").first.inner_text()
    again = visitor()
    again.log_in(email)
    again.follow("Use a recovery code")
    again.fill(Code=code)
    again.press("Go on")
    again.go("/account/factors")
    again.reads("9 codes are left")


def test_a_device_that_is_trusted_is_not_asked_until_its_owner_says_so(visitor):
    email = account(cleo := visitor())
    phone = sets_up(cleo, email)
    spare = cleo.page.locator("#hk-codes code").first.inner_text()
    home = visitor()
    home.log_in(email)
    home.sees("Second step")
    look(home.page, "challenge-trust")
    home.fill(Code=phone.code(1))
    home.page.get_by_label("Don't ask on this device for 30 days").check()
    home.press("Go on")
    home.go("/account/factors")
    home.reads("Devices that aren't asked")
    look(home.page, "factors-trusted")
    home.log_out()
    home.log_in(email)
    home.go("/account/factors")
    home.sees("Two-step login")
    home.page.get_by_role("button", name="Ask again").click()
    home.sees("Confirm it's you")  # what trust has opened proves less than both steps
    home.fill(Password=PASSWORD)
    home.press("Go on")
    home.sees("Second step")
    home.follow("Use a recovery code")
    home.fill(Code=spare)
    home.press("Go on")
    home.press("Send it now")
    home.reads("asked for the second step again")
    home.log_out()
    home.log_in(email)
    home.sees("Second step")


def test_it_all_works_without_javascript_and_going_back_skips_nothing(visitor):
    cleo = visitor(java_script_enabled=False)
    email = account(cleo)
    to_the_picture(cleo, email)
    cleo.page.go_back()
    cleo.go("/account/login/challenge")
    cleo.sees("Set up your second step")
    cleo.reads("This needs JavaScript")
    cleo.follow("Set up an authenticator app")
    phone = Phone(cleo.page.locator("code").inner_text().replace(" ", ""))
    cleo.press("Log in as somebody else")
    cleo.log_in(email)
    cleo.sees("Look at your mail")
    cleo.fill(Code_from_the_mail=phone.code())
    cleo.press("Go on")
    expect(cleo.page.get_by_role("alert")).to_contain_text("This code isn't right")
    assert "/account/login/challenge" in cleo.page.url
