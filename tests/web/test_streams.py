"""An answer that is made while it is sent may ask late who is there; no cache may keep it for another."""

from __future__ import annotations

import pytest
from flask import Response, send_file, stream_with_context

from housekey import current_identity
from rig.apps import registered, small_app


@pytest.fixture
def app(tmp_path):
    app = small_app()
    kept = tmp_path / "kept.txt"
    kept.write_text("the same for all")

    @app.get("/stream")
    def stream():
        return Response(stream_with_context(current_identity.name if n else "Hello, " for n in range(2)))

    @app.get("/cached")
    def cached():
        return Response((str(n) for n in range(2)), headers={"Cache-Control": "public, max-age=60"})

    app.add_url_rule("/file", "file", lambda: send_file(kept))
    return app


@pytest.mark.flaw(7)
def test_a_stream_that_asks_late_is_kept_by_no_cache(app):
    answer = registered(app, name="Ann").get("/stream")
    assert answer.text == "Hello, Ann"
    assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-store", "Cookie")


def test_a_stream_that_the_view_lets_be_cached_is(app):
    answer = registered(app).get("/cached")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Vary" not in answer.headers


def test_a_file_and_a_visitor_without_our_cookie_are_left_alone(app):
    with registered(app).get("/file") as answer:
        assert "Vary" not in answer.headers
    assert "Vary" not in app.test_client().get("/cached").headers
