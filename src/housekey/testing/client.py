"""A test client that logs people in without a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient

from housekey import login
from housekey.kernel import clock
from housekey.login import Kind, Parked, Proof
from housekey.store.recognition import key_of
from housekey.web import manager
from housekey.web.client import client
from housekey.web.here import EXTENSION
from housekey.web.opening import carry_out

KINDS: Mapping[str, Kind] = {"pwd": Kind.KNOWLEDGE, "pin": Kind.KNOWLEDGE, "host": Kind.KNOWLEDGE}
"""Methods (RFC 8176) that show knowledge; all others show the possession of something."""


class HousekeyClient(FlaskClient):
    """A browser, for tests: `app.test_client_class = HousekeyClient`, which `configure(app)` does.

        browser = app.test_client()
        browser.login(ann)

    It sends `Sec-Fetch-Site: same-origin`, as browsers do with a form of the site's own; a test about requests
    from elsewhere gives another value in `headers`. `app.test_client(user=ann, fresh_login=False)` works as with
    Flask-Login's FlaskLoginClient.
    """

    def __init__(self, *args: Any, user: Any = None, fresh_login: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        if user is not None:
            self.login(user, fresh=fresh_login)

    def login(
        self,
        user: Any,
        *,
        fresh: bool = True,
        methods: Sequence[str] | Mapping[str, Kind] = ("pwd",),
        remember: bool = False,
    ) -> None:
        """Open a real session for `user`, by the same road as every login.

        user      an object of the app's user model, or its key
        fresh     False: as if the proofs were given long ago
        methods   what the person has proved, by its name in `amr`: "pwd", "otp", …; two kinds give AAL2
        remember  whether the session outlives the browser

        Raises `InvalidCredentials` if the account is disabled, `AssertionError` if more would be asked of the
        person, `HostTransactionOpen` if the test holds uncommitted changes.
        """
        house = self.application.extensions[EXTENSION].house
        user_id = key_of(user) if isinstance(user, house.store.user_model) else user
        with self._browsing():
            attempt = login.begin(house, client(), user_id=user_id, remember=remember, fresh=fresh)
            for method, kind in _with_kinds(methods).items():
                attempt = attempt.with_proof(Proof(user_id, method, kind, clock.now()))
            outcome = login.advance(house, attempt)
            if isinstance(outcome, Parked):
                raise AssertionError(f"More is asked: {outcome.challenge.type}. Add it to methods=, or take the form.")
            carry_out(outcome)

    def logout(self) -> None:
        """End this browser's session, if it has one."""
        with self._browsing():
            manager.log_out()

    @contextmanager
    def _browsing(self) -> Iterator[None]:
        """A request of this browser without a view, whose answer's cookies it keeps."""
        context = self.application.test_request_context(environ_base=self.environ_base)
        self._add_cookies_to_wsgi(context.request.environ)
        with context:
            yield
            answer = self.application.process_response(self.application.response_class())
        host = context.request.host.partition(":")[0]
        self._update_cookies_from_response(host, context.request.path, answer.headers.getlist("Set-Cookie"))


def _with_kinds(methods: Sequence[str] | Mapping[str, Kind]) -> Mapping[str, Kind]:
    if isinstance(methods, Mapping):
        return methods
    return {method: KINDS.get(method, Kind.POSSESSION) for method in methods}
