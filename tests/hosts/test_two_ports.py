"""Two apps on two ports of localhost: browsers send both the same cookies, and neither logs the other out."""

import json
import urllib.error
import urllib.request
from http.cookiejar import CookieJar

from rig.apps import PASSWORD

APP = "hosts.apps.alone:make_app"


class Browser:
    """Keeps cookies as browsers do: by host, whatever the port."""

    def __init__(self):
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, url):
        return self._open(urllib.request.Request(url, headers={"Accept": "application/json"}))

    def post(self, url, data):
        headers = {"Content-Type": "application/json"}
        return self._open(urllib.request.Request(url, json.dumps(data).encode(), headers, method="POST"))

    def _open(self, request):
        try:
            with self._opener.open(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code


def test_two_apps_on_two_ports_dont_log_each_other_out(databases, live_server):
    with databases["sqlite"].fresh() as one, databases["sqlite"].fresh() as two:
        servers = [live_server(APP, url=url, ready="/public") for url in (one, two)]
        browser = Browser()
        wanted = {"email": "ann@example.test", "password": PASSWORD}
        for server in servers:
            assert browser.post(f"{server.url}/account/api/register", wanted) == 201
        for server in servers:
            assert browser.get(f"{server.url}/private") == 200
        assert browser.post(f"{servers[0].url}/account/api/logout", {}) == 204
        assert [browser.get(f"{server.url}/private") for server in servers] == [401, 200]
