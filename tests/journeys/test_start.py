"""What docs/start.md tells a newcomer to type, in an empty folder, and what follows in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from docs.pages import blocks
from journeys.notebook import PASSWORD, Visitor

ANN = "ann@example.org"


@pytest.mark.parametrize("page_of_the_docs", ["docs/start.md"])
def test_the_first_page_of_the_docs_ends_with_a_greeting(tmp_path, live_server, page, page_of_the_docs):
    code, commands = blocks(page_of_the_docs)[0], blocks(page_of_the_docs, "sh")[1]
    (tmp_path / "app.py").write_text(code)
    typed = f"cd '{tmp_path}'\nexport FLASK_RUN_PORT={{port}}\n{commands}"
    server = live_server(["sh", "-c", typed])
    ann = Visitor(page, server.url)

    ann.go("/")
    ann.sees("Log in")
    ann.follow("Register")
    page.get_by_label("E-mail address").fill(ANN)
    page.get_by_role("textbox", name="Name (optional)", exact=True).fill("Ann")
    ann.fill(Password=PASSWORD)
    ann.press("Register")
    ann.go("/account/dev/mailbox")
    page.locator("li", has_text=ANN).get_by_role("link").first.click()
    page.frame_locator("iframe").get_by_role("link").first.click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Hello, Ann!")).to_be_visible()
    assert (tmp_path / "instance" / "housekey.sqlite").exists()
