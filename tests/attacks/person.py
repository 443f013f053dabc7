"""Somebody who walks through an app by one of its faces; what the app refuses fails the test, unless it is meant to."""

from __future__ import annotations

from attacks.faces import FROM_OUR_PAGE
from housekey.testing.mailbox import Mailbox
from rig.mailed import token_in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Person:
    """Drives one face of an app; what it refuses fails the test, unless it is meant to."""

    def __init__(self, app, face):
        self.app, self.face, self.is_page = app, face, face.name == "page"
        self.browser = app.test_client()
        self.browser.environ_base["HTTP_USER_AGENT"] = FIREFOX

    def __call__(self, page, call, *, refused=False, verb="POST", **fields):
        """`page` and `call` are the paths of the two faces."""
        if self.is_page:
            answer = self.browser.post(f"/account/{page}", data=fields, headers=FROM_OUR_PAGE)
            assert (answer.status_code < 400) is not refused, answer.text
        else:
            answer = self.browser.open(f"/account/api/{call}", method=verb, json=fields or None)
            assert (answer.status_code < 300) is not refused, answer.text
        return answer

    def looks(self, path):
        assert self.browser.get(f"/account/{path}").status_code == 200

    def shown(self, to):
        """What shows the link of the latest mail: opened for a page, a token for JSON."""
        token = token_in(self.app, to)
        if not self.is_page:
            return {"token": token}
        assert self.browser.get(Mailbox(self.app).last_link(to=to), follow_redirects=True).status_code == 200
        return {}
