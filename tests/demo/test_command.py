"""`housekey demo`: what it says, what it keeps, and what it says when something is in its way."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from housekey.demo.__main__ import main
from housekey.demo.app import kept_secret
from housekey.demo.greeting import DATA, PORT, demo_command, factory
from housekey.testing import PASSWORD


def run(*arguments: str):
    return CliRunner().invoke(main, arguments)


def test_one_command_serves_notebook_and_says_what_one_needs_to_know(live_server, tmp_path):
    data = tmp_path / "kept" / "here"
    server = live_server(["housekey", "demo", "--port", "{port}", "--data", str(data)])
    front = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=10).read().decode()
    assert "<h1>Notebook</h1>" in front
    for part in (
        f"http://localhost:{server.port}",
        str(data),
        "/account/dev/mailbox",
        "--admin EMAIL",
        "roles grant EMAIL admin",
    ):
        assert part in server.log


def test_the_commands_that_it_names_can_be_typed_as_they_stand_there(live_server, tmp_path):
    data = tmp_path / "a folder's data"
    server = live_server(["housekey", "demo", "--port", "{port}", "--data", str(data)])
    register(server, "ann@example.test")
    line = next(line for line in server.log.splitlines() if "while it runs: " in line)
    command = line.partition("while it runs: ")[2].replace("EMAIL", "ann@example.test")
    assert "ann@example.test has the role admin" in typed(command).stdout
    line = next(line for line in server.log.splitlines() if "stop the server, then: " in line)
    again = line.partition("then: ")[2].replace("EMAIL", "ann@example.test")
    assert "ann@example.test is an administrator now." in typed(again).stdout
    assert "in use" in typed(again).stderr


def typed(command: str) -> subprocess.CompletedProcess[str]:
    """In a shell with the same PATH as the server's."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command, shell=True, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=60, check=False
    )


def register(server, email: str) -> None:
    body = json.dumps({"email": email, "password": PASSWORD}).encode()
    address = f"http://127.0.0.1:{server.port}/account/api/register"
    urllib.request.urlopen(urllib.request.Request(address, body, {"Content-Type": "application/json"}), timeout=10)


def test_by_default_the_commands_are_short(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert factory(DATA) == "housekey.demo"
    assert demo_command(PORT, DATA).endswith("housekey demo")
    assert demo_command(5001, DATA, "--admin", "EMAIL").endswith("housekey demo --port 5001 --admin EMAIL")


def test_what_is_kept_is_still_there_after_a_restart(live_server, tmp_path):
    pages = []
    for _ in range(2):
        server = live_server(["housekey", "demo", "--port", "{port}", "--data", str(tmp_path / "data")])
        pages.append((tmp_path / "data" / "secret_key").read_text())
        server.stop()
    assert pages[0] == pages[1]


def test_ctrl_c_stops_it_without_a_traceback(live_server, tmp_path):
    server = live_server(["housekey", "demo", "--port", "{port}", "--data", str(tmp_path / "data")])
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(60) == 0
    assert server.log.endswith("Notebook has stopped.\n")


def test_the_secret_key_is_long_and_for_its_owners_eyes_alone(tmp_path):
    file = tmp_path / "secret_key"
    key = kept_secret(file)
    assert len(key) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_secret(file) == key


def test_workers_that_start_together_have_one_key(tmp_path, together):
    assert len(set(together(8, lambda number: kept_secret(tmp_path / "secret_key")))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_the_folder_of_the_data_is_for_its_owner_alone(app, tmp_path):
    assert stat.S_IMODE((tmp_path / "notebook").stat().st_mode) == 0o700


def test_help_names_every_option():
    for part in ("--port", "5000", "--data", "notebook-data", "--admin EMAIL"):
        assert part in run("demo", "--help").output
    assert "demo" in run("--help").output


def test_a_port_in_use_is_named_with_another_one_to_take(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = run("demo", "--port", str(port), "--data", str(tmp_path))
    assert refused.exit_code == 1
    assert f"Port {port} is in use" in refused.output
    assert "--port" in refused.output.partition("in use")[2]


def test_an_administrator_is_named_although_the_port_is_taken_by_the_running_demo(app, ann, ann_at_home, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        answer = run("demo", "--port", port, "--data", str(tmp_path / "notebook"), "--admin", ann.email)
    assert f"{ann.email} is an administrator now." in answer.output
    assert ann_at_home.get("/admin/users").status_code == 200


@pytest.mark.parametrize("wrong", [["--port", "0"], ["--port", "70000"], ["--port", "x"], ["--admin", "ann"]])
def test_wrong_usage_is_told_before_anything_is_made(tmp_path, wrong):
    refused = run("demo", "--data", str(tmp_path / "data"), *wrong)
    assert refused.exit_code == 2
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cant_be_written_is_named_with_the_cure(tmp_path):
    (tmp_path / "file").write_text("")
    for data in (tmp_path / "file", tmp_path / "file" / "below"):
        refused = run("demo", "--data", str(data))
        assert refused.exit_code == 1
        assert str(data) in refused.output
        assert "--data" in refused.output


def test_a_file_that_is_no_database_is_told_without_a_traceback(tmp_path):
    (tmp_path / "housekey.sqlite").write_text("this is no database, whatever its name says. " * 100)
    refused = run("demo", "--data", str(tmp_path))
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert "Traceback" not in refused.output
