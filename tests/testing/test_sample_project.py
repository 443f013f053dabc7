"""The plugin in a project of somebody else's: pytest finds it by itself, in a process of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOTES, TEN_LINES = (Path(__file__).parent / name for name in ("notes", "ten_lines"))
START = Path(__file__).parents[2] / "docs" / "start.md"


def run(folder, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV", "FLASK", "HOUSEKEY"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "-rA", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def test_the_tests_of_a_small_project_pass(tmp_path):
    for file in NOTES.glob("*.py"):
        shutil.copy(file, tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == (NOTES / "test_notes.py").read_text().count("def test_")


def test_the_tests_of_ten_lines_pass_twice_and_leave_the_database_of_the_developer_alone(tmp_path):
    for file in TEN_LINES.glob("*.py"):
        shutil.copy(file, tmp_path)
    app = START.read_text().partition("Save this as `app.py`:\n\n```python\n")[2].partition("```")[0]
    (tmp_path / "app.py").write_text(app)
    for _ in range(2):
        done = run(tmp_path)
        assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout + done.stderr
    assert not (tmp_path / "instance" / "housekey.sqlite").exists()


def test_whoever_forgets_the_app_is_told_so(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it(housekey_user): pass\n")
    done = run(tmp_path)
    assert done.returncode == 1
    assert "write a fixture `app` in conftest.py" in done.stdout


@pytest.mark.parametrize(
    "name", ["housekey_user", "housekey_client", "housekey_clock", "housekey_database", "housekey_schema"]
)
def test_pytest_shows_what_each_fixture_is_for(tmp_path, name):
    shown = fixtures(tmp_path)
    assert shown[name]
    assert "no docstring" not in shown[name]


_SHOWN = {}


def fixtures(folder):
    """Each fixture with what `pytest --fixtures` says of it; asked once."""
    if not _SHOWN:
        lines = run(folder, "--fixtures").stdout.splitlines()
        for number, line in enumerate(lines):
            if line.startswith("housekey_"):
                _SHOWN[line.split(" ")[0]] = lines[number + 1].strip()
    return _SHOWN
