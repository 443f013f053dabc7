"""What somebody was sending when “Confirm it's you” came between isn't lost: it is shown, and sent by a click."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from journeys.notebook import PASSWORD, someone
from rig.browser import look

pytestmark = pytest.mark.shots
STALE = 16 * 60


def interrupted(visitor, notebook, wanted):
    visitor.go("/account/emails/change")
    visitor.fill(**{"New e-mail address": wanted})
    notebook.time_passes(STALE)
    visitor.press("Send the mail")
    visitor.sees("Confirm it's you")
    visitor.reads("What you were sending is kept")


def test_step_up_with_the_interrupted_form(bea, notebook):
    wanted = someone("bea.new")
    interrupted(bea, notebook, wanted)
    look(bea.page, "reauthenticate-kept-form")
    bea.fill(Password=PASSWORD)
    bea.press("Go on")
    bea.sees("Send it now?")
    expect(bea.page.get_by_text(wanted)).to_be_visible()
    look(bea.page, "kept-form")
    sent_page = bea.page.url
    bea.press("Send it now")
    bea.sees("Look at your mail")
    bea.page.goto(sent_page)
    bea.reads("This form has been sent")


def test_step_up_with_the_interrupted_form_without_javascript(notebook, another):
    bea, wanted = another(java_script_enabled=False), someone("bea.new")
    bea.already_has_an_account(someone(), "Bea")
    interrupted(bea, notebook, wanted)
    bea.fill(Password=PASSWORD)
    bea.press("Go on")
    bea.press("Send it now")
    bea.sees("Look at your mail")


def test_whoever_does_not_send_it_is_back_at_the_form(bea, notebook):
    interrupted(bea, notebook, someone("bea.new"))
    bea.fill(Password=PASSWORD)
    bea.press("Go on")
    bea.sees("Send it now?")
    bea.follow("Back to the form")
    bea.is_at("/account/emails/change")
