"""`next` never leads off the site (flaw 40), and no line end gets into a header by it (flaw 42)."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.utils import redirect

from housekey.web.redirects import LONGEST, quoted_path, safe_path

HERE = "https://site.example"
PAGE = f"{HERE}/account/login?next=x"
HOSTILE = (Path(__file__).parent.parent / "data" / "open_redirects.txt").read_text("utf-8").splitlines()
SPECIAL = {"http", "https", "ftp", "ws", "wss", "file"}


def browser_goes_to(location: str, page: str = PAGE) -> str:
    """Scheme and host that a browser goes to, by the URL Standard (https://url.spec.whatwg.org, basic URL parser).

    A second opinion, written after that text and not after the code it judges.
    """
    text = re.sub("[\t\n\r]", "", location.strip("".join(map(chr, range(0x21)))))
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    base = urlsplit(page)
    if scheme:
        name, rest = scheme[1].lower(), text[scheme.end() :]
        if name not in SPECIAL:
            return f"{name}:"
        if name != base.scheme or rest[:2].replace("\\", "/") == "//":
            return f"{name}://{_host(rest.lstrip('/' + chr(92)))}"
        text = rest  # "https:path" is relative to a page with the same scheme
    if text[:2].replace("\\", "/") == "//":
        return f"{base.scheme}://{_host(text.lstrip('/' + chr(92)))}"
    return f"{base.scheme}://{base.netloc}"


def _host(rest: str) -> str:
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    return unquote(authority.rpartition("@")[2]).lower()


def stays(path: str) -> bool:
    """Whether a browser, Python, and a proxy that decodes the path once, all stay on this site."""
    decoded = unquote(path.split("?")[0].split("#")[0])
    return all(
        goes_to == HERE
        for goes_to in (
            browser_goes_to(path),
            browser_goes_to(decoded),
            browser_goes_to(urljoin(PAGE, path)),
            "://".join(urlsplit(urljoin(PAGE, path))[:2]),
        )
    )


def test_the_second_opinion_knows_the_tricks() -> None:
    evil = ["//evil.example", "/\\evil.example", "\\\\evil.example", "///evil.example", "/\t/evil.example"]
    evil += ["https:\\\\evil.example", "http:evil.example", "\x01//evil.example", "javascript:alert(1)"]
    for location in evil:
        assert browser_goes_to(location) != HERE, location
    for location in ("/x", "x", "?x", "#x", "https:x", "https://site.example/x", "/a//b", "/%2f/evil.example"):
        assert browser_goes_to(location) == HERE, location


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/notes", "/notes/7/edit", "/notes?page=2&q=a+b", "/notes?next=/x#top", "/a//b", "/a/?", "/#", "/~ann"),
        *("/notes?q=50%25", "/a%20b", "/a;v=1,2", "/mail/ann@example.org", "/time/10:30", "/a%2Fb", "/..."),
        *("/?next=https://evil.example/", "/?q=a%0Ab", "/x#https://evil.example"),
    ],
)
def test_a_path_of_this_site_is_kept_as_it_is(path: str) -> None:
    assert safe_path(path) == path
    assert stays(path)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/café", "/caf%C3%A9"),
        ("/suche?q=größe", "/suche?q=gr%C3%B6%C3%9Fe"),
        ("/a b", "/a%20b"),
        ("/100%", "/100%25"),
        ("/?a[]=1", "/?a%5B%5D=1"),
        ('/"<x>`{}|^', "/%22%3Cx%3E%60%7B%7D%7C%5E"),
        ("/می\u200cخواهم", "/%D9%85%DB%8C%E2%80%8C%D8%AE%D9%88%D8%A7%D9%87%D9%85"),
        ("/#a#b", "/#a%23b"),
    ],
)
@pytest.mark.asvs("1.1.1")
def test_a_path_is_written_as_a_header_may_hold_it(typed: str, sent: str) -> None:
    assert safe_path(typed) == sent == safe_path(sent)
    assert quoted_path(typed) == sent


@pytest.mark.parametrize(
    "off_site",
    [
        *(None, "", "notes", "?x", "#x", ".", "..", "//", "//evil.example", "///evil.example", "/////evil.example"),
        *("/\\evil.example", "\\\\evil.example", "\\/evil.example", "/x\\y", "/x?a=\\", "/x#\\", "/\\/evil.example"),
        *("https://evil.example", "http:evil.example", "https:/evil.example", "javascript:alert(1)"),
        "data:text/html,x",
        *("/\t/evil.example", "/\n/evil.example", "\t//evil.example", " /x", "/x ", "/x\n", "\x00/x"),
        *("/x\x00", "\u3000/x"),
        *("/%2fevil.example", "/%2Fevil.example", "/%5cevil.example", "/%5C%5cevil.example", "/a%5Cb"),
        "/%09/evil.example",
        *("/.//evil.example", "/..//evil.example", "/%2e%2e//evil.example", "/.%2e/x", "/a/../b", "/./", "/.."),
        *("/x\r\nSet-Cookie: a=b", "/x%0d%0aSet-Cookie:%20a=b", "/\x85", "/\ud800", "/" + "x" * LONGEST),
        "/" + "é" * 1000,
        *("ann@site.example", "https://site.example/x", "//site.example/x", "／evil.example", "⁄⁄evil.example"),
    ],
)
def test_what_is_no_path_of_this_site_leads_nowhere(off_site: str | None) -> None:
    assert safe_path(off_site) is None


@pytest.mark.parametrize("wrong", [7, True, ["/x"], {"a": 1}, b"/x", 1.5])
def test_what_is_no_text_leads_nowhere(wrong: object) -> None:
    assert safe_path(wrong) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://site.example/notes?page=2#x", "/notes?page=2#x"),
        ("https://site.example", "/"),
        ("https://site.example?x=1", "/?x=1"),
        ("https://site.example#x", "/#x"),
        ("HTTPS://Site.Example:443/Notes", "/Notes"),
    ],
)
def test_an_address_of_the_very_same_origin_is_its_path(url: str, path: str) -> None:
    assert safe_path(url, f"{HERE}/") == path


@pytest.mark.parametrize(
    "url",
    [
        *("https://site.example.evil.example/x", "https://site.example@evil.example/"),
        "https://evil.example/site.example",
        *("https://ann@site.example/", "https://site.example:8443/", "http://site.example/", "//site.example/x"),
        *("https:/site.example/", "https:site.example/x", "https:///site.example/x"),
        "https://site.example//evil.example",
        *("https://site.example\\@evil.example/", "https://site.example/\\evil.example", "https://site.example/../x"),
        *("https://site.example%2f@evil.example/", "https://site.example:x/", "https://www.site.example/"),
        "ftp://site.example/",
        *("https://", "https:", "https://[::1/", "https://site.example \t/x"),
    ],
)
def test_an_address_that_only_resembles_ours_leads_nowhere(url: str) -> None:
    assert safe_path(url, HERE) is None


def test_without_an_address_of_our_own_no_absolute_one_is_ours() -> None:
    assert safe_path("https://site.example/x") is None
    assert safe_path("https://site.example/x", "not an address") is None
    assert safe_path("https:///x", "https://") is None


def judged_well(target: str) -> None:
    for base_url in (None, HERE):
        path = safe_path(target, base_url)
        if path is not None:
            assert stays(path), (target, path)
            assert path.isascii()
            assert path.isprintable()
            assert " " not in path
            assert safe_path(path, base_url) == path
            assert redirect(path).headers["Location"] == path


@pytest.mark.parametrize("target", HOSTILE)
def test_known_attacks_stay_on_the_site(target: str) -> None:
    for attack in (target, unquote(target), f"/{target}", f"{HERE}{target}", f"{HERE}/{target}", f"/x/{target}"):
        judged_well(attack)


PIECES = st.sampled_from(
    [
        *("/", "//", "\\", "%2f", "%5c", "%252f", ".", "..", "%2e", "@", ":", "?", "#", "\t", "\r\n", "\x00"),
        *(" ", "%00"),
        *("https:", "http://", "javascript:", "evil.example", "site.example", HERE, "[", "]", "::1", "é"),
        *("。", "／", "x"),
    ]
)


@pytest.mark.asvs("1.1.1", "1.5.3", "3.7.2")
@given(st.lists(PIECES | st.text(max_size=3), max_size=9).map("".join))
def test_no_mixture_of_hostile_pieces_leads_off_the_site(target: str) -> None:
    judged_well(target)
    judged_well(f"/{target}")
