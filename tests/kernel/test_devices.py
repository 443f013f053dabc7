"""Devices: the names that people see in their list of sessions, and families for session protection."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.kernel.devices import LONGEST, clean, describe, family

NAUGHTY = json.loads((Path(__file__).parent.parent / "data" / "naughty_strings.json").read_text("utf-8"))
MOZILLA, WEBKIT = "Mozilla/5.0", "AppleWebKit/537.36 (KHTML, like Gecko)"
IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS, MAC = "(Windows NT 10.0; Win64; x64)", "(Macintosh; Intel Mac OS X 10_15_7)"
IPHONE, IPAD = "(iPhone; CPU iPhone OS 18_1 like Mac OS X)", "(iPad; CPU OS 18_1 like Mac OS X)"
CHROME = f"{MOZILLA} {WINDOWS} {WEBKIT} Chrome/131.0.0.0 Safari/537.36"
ANDROID = "(Linux; Android 10; K)"
KNOWN = [
    (CHROME, "Chrome on Windows", "laptop"),
    (f"{CHROME} Edg/131.0.0.0", "Edge on Windows", "laptop"),
    (f"{CHROME} OPR/116.0.0.0", "Opera on Windows", "laptop"),
    (f"{CHROME} Vivaldi/7.0.3495.11", "Vivaldi on Windows", "laptop"),
    (f"{MOZILLA} {WINDOWS} {WEBKIT} Chrome/128.0 YaBrowser/24.10.0.0", "Yandex Browser on Windows", "laptop"),
    (f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Windows", "laptop"),
    (f"{MOZILLA} (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux", "laptop"),
    (f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/131.0.0.0 Safari/537.36", "Chrome on ChromeOS", "laptop"),
    (f"{MOZILLA} {MAC} {IOS} Version/18.1 Safari/605.1.15", "Safari on macOS", "laptop"),
    (f"{MOZILLA} {MAC} {IOS} Version/18.1 Safari/605.1.15 Ddg/18.1", "DuckDuckGo on macOS", "laptop"),
    (f"{MOZILLA} {IPHONE} {IOS} Version/18.1 Mobile/15E148 Safari/604.1", "Safari on iOS", "phone"),
    (f"{MOZILLA} {IPHONE} {IOS} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1", "Chrome on iOS", "phone"),
    (f"{MOZILLA} {IPHONE} {IOS} FxiOS/133.0 Mobile/15E148 Safari/605.1.15", "Firefox on iOS", "phone"),
    (f"{MOZILLA} {IPHONE} {IOS} EdgiOS/131.0 Mobile/15E148 Safari/604.1", "Edge on iOS", "phone"),
    (f"{MOZILLA} {IPHONE} {IOS} Mobile/15E148", "iOS", "phone"),
    (f"{MOZILLA} {IPAD} {IOS} Version/18.1 Mobile/15E148 Safari/604.1", "Safari on iPadOS", "tablet"),
    (f"{MOZILLA} {ANDROID} {WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome on Android", "phone"),
    (f"{MOZILLA} {ANDROID} {WEBKIT} Chrome/131.0.0.0 Safari/537.36", "Chrome on Android", "tablet"),
    (f"{MOZILLA} (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox on Android", "phone"),
    (f"{MOZILLA} (Android 14; Tablet; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox on Android", "tablet"),
    (f"{MOZILLA} {ANDROID} {WEBKIT} SamsungBrowser/27.0 Chrome/125.0 Mobile", "Samsung Internet on Android", "phone"),
    (f"{MOZILLA} {ANDROID} {WEBKIT} Chrome/131.0 Mobile Safari/537.36 EdgA/131.0", "Edge on Android", "phone"),
    ("curl/8.5.0", "curl", "terminal"),
    ("Wget/1.21.3", "Wget", "terminal"),
    ("HTTPie/3.2.2", "HTTPie", "terminal"),
    ("python-requests/2.32.3", "Python Requests", "terminal"),
    ("python-httpx/0.27.2", "HTTPX", "terminal"),
    ("Python-urllib/3.11", "urllib", "terminal"),
    ("okhttp/4.12.0", "OkHttp", "terminal"),
    ("PostmanRuntime/7.42.0", "Postman", "terminal"),
    ("Go-http-client/2.0", "Go", "terminal"),
    ("Werkzeug/3.1.3", "Flask test client", "terminal"),
    ("", "Unknown device", "unknown"),
    ("Mozilla/5.0", "Unknown device", "unknown"),
    ("Your account is locked. Call 555 0100", "Unknown device", "unknown"),
    ("<script>alert(1)</script>", "Unknown device", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("user_agent", "name", "kind"), KNOWN)
def test_people_recognise_their_devices(user_agent: str, name: str, kind: str) -> None:
    device = describe(user_agent)
    assert (device.name, device.kind) == (name, kind)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CHROME, CHROME.replace("131", "132")),
        (f"{CHROME} Edg/131.0.0.0", f"{CHROME.replace('131', '140')} Edg/140.1.2.3"),
        (f"{MOZILLA} {WINDOWS} Firefox/133.0", f"{MOZILLA} (Windows NT 11.0; Win64; x64) Firefox/134.0.1"),
        ("curl/8.5.0", "curl/8.11.1"),
        ("MyApp/1.2 (build 7)", "MyApp/2.0-beta (build 9)"),
        ("MyApp 1.2", "MyApp 1.3"),
        ("MyApp-1.2", "MyApp-1.3"),
    ],
)
def test_an_update_logs_nobody_out(before: str, after: str) -> None:
    assert family(before) == family(after)


@pytest.mark.parametrize(
    ("owner", "thief"),
    [
        (CHROME, f"{CHROME} Edg/131.0.0.0"),
        (CHROME, CHROME.replace(WINDOWS, MAC)),
        (CHROME, "curl/8.5.0"),
        (CHROME, ""),
        ("curl/8.5.0", "python-requests/2.32.3"),
        ("MyApp/1.2", "YourApp/1.2"),
        ("MyApp/1.2", ""),
    ],
)
def test_another_program_is_another_family(owner: str, thief: str) -> None:
    assert family(owner) != family(thief)


@given(st.text(max_size=600))
def test_no_header_is_an_error_and_nothing_of_it_is_shown(user_agent: str) -> None:
    words = {"", *(word for _user_agent, name, _kind in KNOWN for word in name.split(" on "))}
    device = describe(user_agent)
    assert {device.browser, device.system} <= words
    assert family(user_agent).isascii()
    assert len(family(user_agent)) < 80


@pytest.mark.parametrize("user_agent", NAUGHTY)
def test_naughty_headers_are_unknown_devices(user_agent: str) -> None:
    assert describe(user_agent).kind == "unknown"


@given(st.text(max_size=600))
def test_what_is_kept_of_a_header_can_be_stored_and_logged_on_one_line(user_agent: str) -> None:
    kept = clean(user_agent)
    assert len(kept) <= LONGEST
    assert kept.isprintable()
    kept.encode("utf-8")


@pytest.mark.parametrize("piece", ["(", "Mozilla/5.0 (", "/", " ", "Chrome", ";;" * 9, "\x00", "a/1 "])
def test_long_hostile_headers_take_no_time(piece: str) -> None:
    header = piece * 1_000_000
    start = time.process_time()
    describe(header)
    family(header)
    assert time.process_time() - start < 0.5
