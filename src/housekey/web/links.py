"""Addresses of our pages for mails: whole ones, built from `HOUSEKEY_BASE_URL` and never from a request.

Whoever asks for a mail chooses the request's `Host`; a link made of it would carry the reader's token to them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, has_request_context, request

from housekey.errors import ConfigurationError
from housekey.web.settings import HouseSettings

PORT_OF_FLASK = "5000"
NEEDED = (
    "HOUSEKEY_BASE_URL is not set, and a mail needs it for its link. Set it to the address of your site, for example "
    "https://example.org."
)


def site_address(app: Flask, settings: HouseSettings) -> str:
    """Scheme and host. Where no address is set, the app serves this machine alone: `localhost`, and of the request
    only the port that the server itself listens on. Raises `ConfigurationError` where nothing says even that."""
    if settings.base_url is not None:
        return settings.base_url.rstrip("/")
    if not has_request_context() and not app.debug and not app.testing:
        raise ConfigurationError(NEEDED)
    port = request.environ.get("SERVER_PORT", "") if has_request_context() else PORT_OF_FLASK
    return "http://localhost" if port in ("", "80") else f"http://localhost:{port}"


def absolute_url(app: Flask, settings: HouseSettings, endpoint: str, **values: Any) -> str:
    """The whole address of a page: `absolute_url(app, settings, "housekey.reset", token=token)`."""
    site = urlsplit(site_address(app, settings))
    adapter = app.url_map.bind(site.netloc, app.config["APPLICATION_ROOT"], url_scheme=site.scheme)
    app.inject_url_defaults(endpoint, values)
    return adapter.build(endpoint, values, force_external=True)
