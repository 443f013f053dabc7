"""The mailbox of the demo, and the outbox of its administrators, in a browser."""

from __future__ import annotations

from journeys.notebook import Visitor
from rig.browser import axe, shots


def ask_for_a_mail(visitor: Visitor) -> None:
    answer = visitor.page.request.post(f"{visitor.url}/account/api/password/forgot", data={"email": visitor.email})
    assert answer.status == 202


def its_line(visitor: Visitor):
    """The mail that was asked for, among others to the same address."""
    mine = visitor.page.locator("li", has_text=visitor.email).filter(has_text="Choose a new password")
    return mine.get_by_role("link").first


def test_a_mail_is_read_and_its_link_opens(bea):
    ask_for_a_mail(bea)
    bea.go("/account/dev/mailbox")
    axe(bea.page)
    shots(bea.page, "mail/mailbox")
    its_line(bea).click()
    frame = bea.page.frame_locator("iframe")
    frame.get_by_role("link").first.wait_for()
    axe(bea.page)
    shots(bea.page, "mail/kept")
    frame.get_by_role("link").first.click()
    bea.page.wait_for_url("**/account/password/reset**")


def test_a_mail_is_good_to_look_at(bea, new_page):
    ask_for_a_mail(bea)
    bea.go("/account/dev/mailbox")
    address = its_line(bea).get_attribute("href")
    html = bea.page.request.get(f"{bea.url}{address}/html").text()
    mail = new_page()  # where it is shown, no script runs: neither the mail's nor that of axe
    mail.set_content(html)
    axe(mail)
    shots(mail, "mail/letter")


def test_administrators_see_the_outbox(ada, bea):
    ask_for_a_mail(bea)
    bea.go("/account/dev/mailbox")
    ada.go("/account/admin/outbox")
    ada.page.get_by_role("cell", name=bea.email).first.wait_for()
    axe(ada.page)
    shots(ada.page, "mail/outbox")
