"""An administrator invites somebody, who makes an account by the mail; without JavaScript, too."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from journeys.notebook import PASSWORD, someone
from rig.browser import fits, look, shots

pytestmark = pytest.mark.shots


def invite(ada, email):
    ada.go("/account/admin/invitations")
    ada.fill(**{"E-mail address": email})
    ada.page.get_by_label("admin", exact=True).check()
    ada.press("Send the invitation")
    ada.reads(f"The invitation to {email} is on its way")


def test_somebody_comes_by_invitation_and_has_the_role(ada, another):
    ada.go("/account/admin/invitations")
    ada.press("Send the invitation")
    expect(ada.page.get_by_role("alert")).to_be_visible()
    look(ada.page, "invitations-faults")
    email = someone("nora")
    invite(ada, email)
    look(ada.page, "invitations")
    nora = another(java_script_enabled=False)
    nora.open_mail(email, "invited")
    shots(nora.page, "pages/mail-invitation")
    nora.open_link_of_mail()
    nora.is_at("/account/register/invited")
    nora.reads(email)
    nora.fill(Password="short")
    nora.press("Register")
    expect(nora.page.get_by_role("alert")).to_be_visible()
    nora.page.get_by_role("textbox", name="Name (optional)", exact=True).fill("Nora")
    nora.fill(Password=PASSWORD)
    nora.press("Register")
    nora.is_at("/dashboard")
    nora.go("/account/admin/users")
    nora.reads(email)
    ada.go("/account/admin/invitations")
    expect(ada.page.get_by_text(email)).to_have_count(0)


def test_the_page_that_an_invitation_leads_to(ada, another):
    email = someone("olga")
    invite(ada, email)
    olga = another()
    olga.open_mail(email, "invited")
    olga.open_link_of_mail()
    look(olga.page, "invited")


def test_an_invitation_is_sent_again_and_withdrawn(ada, another):
    email = someone("pia")
    invite(ada, email)
    pia = another()
    pia.open_mail(email, "invited")
    link = pia.page.locator("pre a").first.get_attribute("href")
    ada.page.get_by_role("row").filter(has_text=email).get_by_role("button", name="Send again").click()
    ada.reads("on its way once more")
    pia.page.goto(link)
    pia.is_at("/account/login")
    pia.reads("Ask for a new one")
    row = ada.page.get_by_role("row").filter(has_text=email)
    row.get_by_text("Withdraw", exact=True).click()
    fits(ada.page)
    row.get_by_role("button", name="Yes, withdraw").click()
    ada.reads("The invitation is withdrawn")
    expect(ada.page.get_by_text(email)).to_have_count(0)
