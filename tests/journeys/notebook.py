"""Notebook as people use it: by what they read on the page."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rig.live import LiveServer, Starter

PASSWORD = "correct horse battery staple"
ADMIN = "ada@example.test"
AT_EASE = {
    # Everybody here comes from one network, and nobody waits.
    "FLASK_HOUSEKEY_THROTTLING_NETWORK_REQUESTS": "10000",
    "FLASK_HOUSEKEY_THROTTLING_NETWORK_TRIES": "10000",
    "FLASK_HOUSEKEY_PASSWORDS_HASH_PROFILE": "light",
}
_numbers = count(1)


def someone(name: str = "bea") -> str:
    """An address that nobody has yet."""
    return f"{name}-{next(_numbers)}@example.test"


class Notebook:
    """`housekey demo`, as it serves."""

    def __init__(self, start: Starter, folder: Path, **settings: str) -> None:
        self.folder = folder
        command = ["housekey", "demo", "--port", "{port}", "--data", str(folder), "--admin", ADMIN]
        self.server: LiveServer = start(command, environment=AT_EASE | settings)
        self.url = self.server.url

    def visit(self, page: Page) -> Visitor:
        """Somebody at this page's browser."""
        return Visitor(page, self.url)

    def time_passes(self, seconds: int) -> None:
        """All that the sessions remember happened so much earlier: the server's clock can't be turned."""
        earlier = f"strftime('%Y-%m-%d %H:%M:%f000', auth_time, '-{seconds} seconds')"
        with closing(sqlite3.connect(self.folder / "housekey.sqlite", timeout=10)) as database, database:
            database.execute(f"UPDATE housekey_sessions SET auth_time = {earlier}")

    def has_a_past(self) -> None:
        """The log holds a month of other people's logins; nobody verifies it here."""
        moment = "strftime('%Y-%m-%d %H:%M:%f000', 'now', ?)"
        made = f"INSERT INTO housekey_audit_entries VALUES (?,?,{moment},?,NULL,?,?,?,?,?,NULL,?,?,?,NULL,?,?)"
        with closing(sqlite3.connect(self.folder / "housekey.sqlite", timeout=10)) as database, database:
            for number in range(30 * 14):
                day, way = number // 14, number * 7 % 11
                event, outcome, reason = PAST[way % len(PAST)] if way + day % 5 < 9 else PAST[0]
                row = (999, number, f"-{day} days", event, outcome, reason, "user", "1", "1", "{}", "192.0.2.7", "{}")
                database.execute(made, (*row, b"", b""))


PAST = [
    ("LoggedIn", "success", None),
    ("LoggedIn", "success", None),
    ("LoginRefused", "failure", "invalid_credentials"),
    ("LoginRefused", "failure", "locked"),
    ("LoggedIn", "success", None),
    ("LoginRefused", "failure", "invalid_credentials"),
    ("LoginRefused", "failure", "disabled"),
]


@contextmanager
def serving(folders: pytest.TempPathFactory, name: str, **settings: str) -> Iterator[Notebook]:
    """A Notebook with its own data, until the end."""
    starter = Starter(folders.mktemp("servers"))
    try:
        yield Notebook(starter, folders.mktemp(name), **settings)
    finally:
        starter.stop()


class Visitor:
    """Somebody at a browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.email = page, url, ""

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def fill(self, **fields: str) -> None:
        """By their labels: `fill(Title="Tea")`; an underscore is a blank."""
        for label, text in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(text)

    def press(self, name: str) -> None:
        """The button of this name in the page, else the one in the header."""
        self.page.locator("main, header").get_by_role("button", name=name, exact=True).last.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def reads(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def is_at(self, path: str) -> None:
        expect(self.page).to_have_url(self.url + path)

    def register(self, email: str, name: str = "", password: str = PASSWORD) -> None:
        self.go("/account/register")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_role("textbox", name="Name (optional)", exact=True).fill(name)
        self.fill(Password=password)
        self.press("Register")

    def log_in(self, identifier: str, password: str = PASSWORD, *, remember: bool = False) -> None:
        """On the page where one is asked to, else on the login page."""
        if "/account/login" not in self.page.url:
            self.go("/account/login")
        self.page.get_by_label("E-mail address or username").fill(identifier)
        self.fill(Password=password)
        if remember:
            self.page.get_by_label("Keep me logged in").check()
        self.press("Log in")

    def log_out(self) -> None:
        self.page.get_by_role("button", name="Log out", exact=True).click()

    def end_the_other_session(self) -> None:
        """On the page of sessions."""
        self.page.get_by_role("button", name=re.compile("^End")).click()

    def open_mail(self, to: str, subject: str = "") -> None:
        """The latest one to this address, in the mailbox page of the demo, which is loaded anew until it shows it: the
        thread that delivers holds back a little."""
        mine = self.page.get_by_role("listitem").filter(has_text=to).filter(has_text=subject)
        for _again in range(30):
            self.go("/account/dev/mailbox")
            if mine.count():
                break
            self.page.wait_for_timeout(500)
        mine.get_by_role("link").first.click()
        self.reads(to)

    def open_link_of_mail(self) -> None:
        """The first link in the mail's text."""
        self.page.locator("pre a").first.click()

    def write(self, title: str, text: str = "The river was low this morning.") -> str:
        """A post; answers its path."""
        self.go("/posts/new")
        self.fill(Title=title, Text=text)
        self.press("Publish")
        self.sees(title)
        return self.page.url.removeprefix(self.url)

    def already_has_an_account(self, email: str, name: str = "", **more: str) -> None:
        """Registered and logged in, without walking through the form."""
        body = {"email": email, "password": PASSWORD, "name": name or None, **more}
        answer = self.page.request.post(f"{self.url}/account/api/register", data=body)
        assert answer.status == 201, answer.text()

    def status_of(self, path: str, method: str = "GET") -> int:
        """What the server answers to this browser, whatever its pages offer."""
        return self.page.request.fetch(self.url + path, method=method, max_redirects=0).status
