"""The verbs of links, for one app with the one user Ann."""

from __future__ import annotations

from datetime import timedelta

from housekey.capabilities.links import actions as links
from housekey.store import users
from rig.apps import registered, small_app

EMAIL = "ann@example.test"
HOUR = timedelta(hours=1)


class Desk:
    def __init__(self, url="sqlite://"):
        self.app = small_app(url)
        with self.app.app_context():
            registered(self.app)
        self.house = self.app.extensions["housekey"].house
        with self.house.read() as connection:
            self.ann = users.by_identifier(connection, self.house.store.schema, EMAIL)

    def issue(self, purpose="reset", email=EMAIL, lifetime=HOUR, **about):
        about.setdefault("user", self.ann)
        return self.house.run(lambda unit: links.issue(unit, purpose, email=email, lifetime=lifetime, **about))

    def find(self, issued, purpose="reset"):
        return links.find(self.house, purpose, issued.token)

    def spend(self, link):
        return self.house.run(lambda unit: links.spend(unit, link))

    def type(self, code, asker, purpose="reset"):
        return links.find_by_code(self.house, purpose, asker, code)
