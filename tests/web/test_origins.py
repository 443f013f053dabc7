"""Origins: equal ones are written alike, and what is none is never equal to one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.web.origins import origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://site.example", "https://site.example"),
        ("https://Site.Example:443/app/?x#y", "https://site.example"),
        ("HTTP://site.example:80", "http://site.example"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:5000/", "http://[::1]:5000"),
        ("https://site.example:8443", "https://site.example:8443"),
    ],
)
def test_one_origin_has_one_spelling(url: str, origin: str) -> None:
    assert origin_of(url) == origin
    assert origin_of(origin) == origin


@pytest.mark.parametrize(
    "other",
    [
        *(None, "", "null", "site.example", "//site.example", "ftp://site.example", "file:///etc"),
        "javascript:alert(1)",
        *("https://", "https://:443", "https://ann@site.example", "https://ann:pw@site.example", "https://a:b"),
        *("https://site.example:99999", "https://[::1", "https://ſite\u2028.example", "chrome-extension://abc"),
    ],
)
def test_what_is_no_web_origin_is_none(other: str | None) -> None:
    assert origin_of(other) is None


@given(st.text())
def test_no_text_is_an_error(text: str) -> None:
    for url in (text, f"https://{text}", f"https://site.example:{text}"):
        assert origin_of(url) is None or origin_of(url) == origin_of(origin_of(url))
