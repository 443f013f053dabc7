"""People move from Django (docs/coming-from/django.md).

Django is not installed here: the page's program runs over objects that answer as its users do, with hashes that Django
has made.
"""

import json
import runpy
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from housekey.commands import cli
from rig.apps import log_in, small_app

HERE = Path(__file__).parent
DATA = json.loads((HERE.parent / "data" / "password_hashes.json").read_text())
HASHES = [known["stored"] for known in DATA["hashes"] if known["made_by"].startswith("Django")]


class Person(SimpleNamespace):
    is_superuser, is_active, full_name, groups_of = False, True, "", ()

    def has_usable_password(self):
        return not self.password.startswith("!")

    def get_username(self):
        return self.username

    def get_full_name(self):
        return self.full_name

    @property
    def groups(self):
        return SimpleNamespace(all=lambda: [SimpleNamespace(name=name) for name in self.groups_of])


PEOPLE = [
    *(Person(email=f"u{n}@example.test", username=f"user{n}", password=stored) for n, stored in enumerate(HASHES)),
    Person(email="boss@example.test", username="boss", password=HASHES[0], is_superuser=True, full_name="The Boss"),
    Person(email="", username="writer", password=HASHES[0], groups_of=("Guest Writers",)),
    Person(email="gone@example.test", username="gone", password=HASHES[0], is_active=False),
    Person(email="new@example.test", username="new@example.test", password="!unusable"),
]


@pytest.fixture
def exported(monkeypatch, capsys):
    """What the page's program writes."""
    objects = SimpleNamespace(prefetch_related=lambda *names: SimpleNamespace(iterator=lambda chunk_size: iter(PEOPLE)))
    auth = ModuleType("django.contrib.auth")
    auth.get_user_model = lambda: SimpleNamespace(objects=objects)
    for name in ("django", "django.contrib"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "django.contrib.auth", auth)
    runpy.run_path(str(HERE / "django" / "export_people.py"))
    return capsys.readouterr().out


def test_everybody_comes_along_with_password_groups_and_state(exported):
    app = small_app()
    runner = app.test_cli_runner()
    assert runner.invoke(cli, ["roles", "create", "guest-writers", "posts:edit"]).exit_code == 0
    done = runner.invoke(cli, ["users", "import", "-"], input=exported)
    assert done.exit_code == 0, done.output
    assert f"Imported: {len(PEOPLE)}." in done.output
    for number in range(len(HASHES)):
        assert log_in(app.test_client(), f"user{number}", DATA["password"]).status_code == 200
    client = app.test_client()
    assert log_in(client, "boss", DATA["password"]).status_code == 200
    assert client.get("/account/api/me").json["roles"] == ["admin"]
    client = app.test_client()
    assert log_in(client, "writer", DATA["password"]).status_code == 200
    assert client.get("/account/api/me").json["permissions"] == ["posts:edit"]
    assert log_in(app.test_client(), "gone", DATA["password"]).status_code == 401
    assert log_in(app.test_client(), "new@example.test", DATA["password"]).status_code == 401
