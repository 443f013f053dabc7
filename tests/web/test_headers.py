"""What every page of Housekey's says to the browser (ASVS 3.4)."""

from __future__ import annotations

import pytest
from werkzeug.wrappers import Response

from housekey.errors import ConfigurationError
from housekey.web.headers import CSP, csp_text, secure_headers

HSTS = "max-age=31536000"


def secured(response: Response | None = None, csp: str | None = csp_text(CSP), hsts: str | None = None) -> Response:
    return secure_headers(response or Response("hello"), csp=csp, hsts=hsts)


@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "3.5.8")
def test_a_page_runs_nothing_foreign_sits_in_no_frame_and_tells_nobody() -> None:
    headers = secured().headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_nothing_inline_is_ever_allowed() -> None:
    assert "unsafe" not in csp_text(CSP)
    assert "*" not in csp_text(CSP)


def test_hsts_binds_the_hosts_whole_site_and_so_is_sent_only_if_asked_for() -> None:
    assert "Strict-Transport-Security" not in secured().headers
    assert secured(hsts=HSTS).headers["Strict-Transport-Security"] == HSTS


def test_a_layout_that_can_not_have_a_policy_still_sits_in_no_frame() -> None:
    headers = secured(csp=None).headers
    assert "Content-Security-Policy" not in headers
    assert headers["X-Frame-Options"] == "DENY"


def test_what_a_view_has_said_stays_but_a_page_is_never_public() -> None:
    chosen = {"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"}
    headers = secured(Response(headers=chosen)).headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert secured(Response(headers={"Cache-Control": "public, max-age=60"})).headers["Cache-Control"] == "no-store"
    assert secured(Response(headers={"Cache-Control": "max-age=60"})).headers["Cache-Control"] == "no-store"


def test_headers_are_said_once_even_if_asked_twice() -> None:
    names = [name for name, _value in secured(secured()).headers]
    assert len(names) == len(set(names))


def test_a_host_changes_one_line_of_the_policy() -> None:
    policy = csp_text(
        {**CSP, "style-src": ("'self'", "https://cdn.example/bootstrap@5/"), "upgrade-insecure-requests": ()}
    )
    assert "style-src 'self' https://cdn.example/bootstrap@5/;" in policy
    assert policy.endswith("frame-ancestors 'none'; upgrade-insecure-requests")
    assert "script-src 'self';" in policy


@pytest.mark.parametrize(
    "policy",
    [
        {"script-src": "'self'"},
        {"script-src": ("'self' https://cdn.example",)},
        {"script-src": ("'self'; script-src *",)},
        {"script-src": ("'self', default-src *",)},
        {"script-src": ("https://x\r\nSet-Cookie: a=b",)},
        {"script-src": ("",)},
        {"script-src": ("https://bücher.example",)},
        {"script src": ("'self'",)},
        {"x; script-src": ("*",)},
        {"": ("'self'",)},
    ],
)
def test_a_policy_that_would_be_read_as_another_is_refused(policy: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ConfigurationError, match="Content-Security-Policy"):
        csp_text(policy)
