"""Where an address counts only once its mail is read: registering, by link, code and on another device; a forgotten
username; several addresses of one account."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from journeys.notebook import PASSWORD, Visitor, serving, someone
from rig.browser import look
from rig.mailed import CODE

pytestmark = pytest.mark.shots
CONFIRM, TAKEN = "Finish your registration", "You have an account"


@pytest.fixture(scope="module")
def careful(tmp_path_factory):
    """Notebook, where nobody is in before the mail is read, and accounts may have several addresses."""
    settings = {
        "FLASK_HOUSEKEY_REGISTRATION_VERIFICATION": "required",
        "FLASK_HOUSEKEY_REGISTRATION_USERNAME": "optional",
        "FLASK_HOUSEKEY_EMAILS_SEVERAL": "true",
        "FLASK_HOUSEKEY_LINKS_PAUSE": "0",
    }
    with serving(tmp_path_factory, "careful", **settings) as notebook:
        yield notebook


@pytest.fixture
def visitor(careful, new_page):
    return lambda **options: careful.visit(new_page(**options))


def code_for(visitor: Visitor, email: str, subject: str) -> str:
    """Read on a telephone."""
    phone = Visitor(visitor.page.context.browser.new_page(), visitor.url)
    phone.open_mail(email, subject)
    found = CODE.search(phone.page.locator("main").inner_text())
    phone.page.close()
    assert found is not None
    return found[0]


def begun(visitor: Visitor) -> str:
    """Registered, and not in yet; the address."""
    email = someone("cleo")
    visitor.register(email, "Cleo")
    visitor.sees("Look at your mail")
    return email


def in_by_link(visitor: Visitor) -> str:
    email = begun(visitor)
    visitor.open_mail(email, CONFIRM)
    visitor.open_link_of_mail()
    visitor.press("Confirm and log in")
    visitor.is_at("/dashboard")
    return email


def test_the_link_of_the_mail_makes_the_account_and_logs_in(visitor):
    cleo = visitor()
    email = begun(cleo)
    look(cleo.page, "register-code")
    cleo.go("/dashboard")
    cleo.sees("Log in")
    cleo.log_in(email)
    cleo.reads("don't match")
    cleo.open_mail(email, CONFIRM)
    look(cleo.page, "mail-register")
    cleo.open_link_of_mail()
    cleo.sees("Confirm your address")
    look(cleo.page, "register-confirm")
    cleo.press("Confirm and log in")
    cleo.is_at("/dashboard")
    cleo.sees("Hello, Cleo")
    cleo.open_mail(email, CONFIRM)
    cleo.open_link_of_mail()
    expect(cleo.page.get_by_role("main")).to_contain_text("has been used")


def test_the_code_is_typed_where_one_began_even_without_javascript(visitor):
    cleo = visitor(java_script_enabled=False)
    email = begun(cleo)
    cleo.fill(Code_from_the_mail="AAAA AAAA")
    cleo.press("Finish")
    expect(cleo.page.get_by_role("alert")).to_contain_text("This code isn't right")
    cleo.fill(Code_from_the_mail=code_for(cleo, email, CONFIRM))
    cleo.press("Finish")
    cleo.is_at("/dashboard")


def test_the_link_opened_on_another_device_asks_for_everything_anew(visitor):
    email, phone = begun(visitor()), visitor()
    phone.open_mail(email, CONFIRM)
    phone.open_link_of_mail()
    phone.is_at("/account/register/finish")
    look(phone.page, "register-finish")
    phone.fill(Password="another word than over there")
    phone.press("Register")
    phone.is_at("/dashboard")
    elsewhere = visitor()
    elsewhere.log_in(email, PASSWORD)
    elsewhere.reads("don't match")


def test_an_address_that_is_taken_answers_the_same_and_its_owner_is_told(visitor):
    owner, stranger = visitor(), visitor()
    email = in_by_link(owner)
    stranger.register(email, "Mallory")
    stranger.sees("Look at your mail")
    owner.open_mail(email, TAKEN)
    look(owner.page, "mail-register-taken")
    owner.open_link_of_mail()
    owner.is_at("/dashboard")


def test_a_mail_that_did_not_come_is_sent_again(visitor):
    cleo = visitor()
    email = begun(cleo)
    first = code_for(cleo, email, CONFIRM)
    cleo.page.get_by_text("No mail?").click()
    cleo.fill(**{"E-mail address": email})
    cleo.press("Send it again")
    cleo.sees("Look at your mail")
    cleo.page.wait_for_timeout(1500)
    second = code_for(cleo, email, CONFIRM)
    assert second != first
    cleo.fill(Code_from_the_mail=second)
    cleo.press("Finish")
    cleo.is_at("/dashboard")


def test_a_forgotten_username_comes_by_mail(visitor):
    cleo, elsewhere = visitor(), visitor()
    email = in_by_link(cleo)
    name = f"heron{email.partition('@')[0].rpartition('-')[2]}"
    cleo.go("/account/profile")
    cleo.page.get_by_role("textbox", name="Username").fill(name)
    cleo.press("Save")
    elsewhere.go("/account/login")
    elsewhere.follow("Choose a new one")
    elsewhere.follow("Get it by mail")
    elsewhere.fill(**{"E-mail address": email})
    elsewhere.press("Send the mail")
    elsewhere.open_mail(email, "Your username")
    look(elsewhere.page, "mail-username")
    elsewhere.reads(name)
    elsewhere.log_in(name)
    elsewhere.is_at("/dashboard")


def test_a_second_address_logs_in_becomes_the_main_one_and_outlives_the_first(visitor):
    cleo, elsewhere = visitor(), visitor()
    first, second = in_by_link(cleo), someone("cleo.work")
    cleo.go("/account/emails")
    cleo.follow("Add an address")
    cleo.page.get_by_label("E-mail address").fill(second)
    cleo.press("Send the mail")
    cleo.open_mail(second, "Confirm")
    cleo.open_link_of_mail()
    cleo.sees("Add this e-mail address?")
    look(cleo.page, "emails-add-confirm")
    cleo.press("Add this address")
    cleo.is_at("/account/emails")
    look(cleo.page, "emails-two")
    elsewhere.log_in(second)
    elsewhere.is_at("/dashboard")
    cleo.go("/account/emails")
    cleo.page.get_by_role("button", name=f"Make it the main one {second}").click()
    cleo.reads(second)
    cleo.page.get_by_role("button", name=f"Remove {first}").click()
    expect(cleo.page.get_by_role("main")).not_to_contain_text(f"Remove {first}")
    again = visitor()
    again.log_in(first)
    again.reads("don't match")
    again.log_in(second)
    again.is_at("/dashboard")
