"""Real servers: an app in a process of its own, on a free port of localhost.

    server = live_server(create_app, database=url)                       # a function of a test module; JSON arguments
    server = live_server("housekey.demo:create_app", under="gunicorn", workers=2)
    server = live_server(["housekey", "demo", "--port", "{port}"])       # a command

`server.url` is `http://localhost:<port>` (a secure context for browsers), `server.log` what it has written so far.
"""

from __future__ import annotations

import inspect
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent.parent
SOURCES = TESTS.parent / "src"  # a second checkout beside the installed one serves its own
START = 30  # seconds; a busy machine takes long to import
STOP = 10  # seconds until a server that does not stop is killed

Target = Callable[..., Any] | str | Sequence[str]


class LiveServer:
    """A process that serves; `stop()` ends it and all its children."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
        self.process = process
        self.port = port
        self.url = f"http://localhost:{port}"
        self._log_file = log_file

    @property
    def log(self) -> str:
        return self._log_file.read_text(errors="replace")

    def wait(self, path: str) -> None:
        """Return when `path` answers, with whatever status."""
        end = time.monotonic() + START
        while self.process.poll() is None and time.monotonic() < end:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=START).close()
                return
            except urllib.error.HTTPError as answer:
                answer.close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"no answer at {self.url}{path}; the server wrote:\n{self.log}")

    def stop(self) -> None:
        """End the process group: first a request, then by force."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()
        self._signal(signal.SIGKILL)  # children that outlived their parent

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def serve(
    target: Target,
    log_file: Path,
    *,
    under: str = "werkzeug",
    workers: int = 1,
    threads: int = 4,
    preload: bool = False,
    ready: str = "/",
    environment: Mapping[str, str] | None = None,
    **arguments: Any,
) -> LiveServer:
    """Start a server and wait until `ready` answers.

    `arguments` go to the app's factory. `under` is "werkzeug" or "gunicorn" (gthread, with `workers` and `threads`;
    `preload` makes the app before they are forked).
    `environment` is added to the variables of this process. A factory of a test module must be a plain function there.
    """
    variables = {**os.environ, **(environment or {})}
    if isinstance(target, Sequence) and not isinstance(target, str):
        server = _command(target, log_file, variables)
    else:
        variables |= {
            "RIG_APP": _name(target),
            "RIG_ARGUMENTS": json.dumps(arguments),
            "PYTHONPATH": f"{TESTS}{os.pathsep}{SOURCES}",
        }
        server = _app(_launcher(under, workers, threads, preload), log_file, variables)
    try:
        server.wait(ready)
    except BaseException:
        server.stop()
        raise
    return server


def _name(target: Callable[..., Any] | str) -> str:
    return target if isinstance(target, str) else f"{inspect.getsourcefile(target)}:{target.__qualname__}"


def _launcher(under: str, workers: int, threads: int, preload: bool) -> list[str]:
    if under == "werkzeug":
        return ["rig.serve"]
    # Without a control socket: all gunicorns of one person would share it.
    options = (
        f"--no-control-socket -k gthread --workers {workers} --threads {threads} --bind fd://{{socket}} rig.serve:app()"
    )
    return ["gunicorn", *(["--preload"] if preload else []), *options.split()]


def _app(launcher: list[str], log_file: Path, environment: Mapping[str, str]) -> LiveServer:
    """The listening socket is made here and handed down, so that no other process can take the port in between."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        handle = listener.fileno()
        command = [sys.executable, "-m", *(part.format(socket=handle) for part in launcher)]
        process = _spawn(command, log_file, {**environment, "RIG_SOCKET": str(handle)}, pass_fds=[handle])
        return LiveServer(process, listener.getsockname()[1], log_file)


def _command(command: Sequence[str], log_file: Path, environment: Mapping[str, str]) -> LiveServer:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    scripts = Path(sys.executable).parent
    environment = {**environment, "PATH": f"{scripts}{os.pathsep}{environment.get('PATH', '')}"}
    process = _spawn([part.format(port=port) for part in command], log_file, environment)
    return LiveServer(process, port, log_file)


def _spawn(
    command: list[str], log_file: Path, environment: Mapping[str, str], pass_fds: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    with log_file.open("wb") as log:
        return subprocess.Popen(
            command,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=pass_fds,
            start_new_session=True,
            preexec_fn=_hear_ctrl_c,
        )


def _hear_ctrl_c() -> None:
    """A shell that runs the tests in the background has them ignore Ctrl-C, and that would be inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Starter:
    """What the fixtures give: a call of `serve` whose server is stopped at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: list[LiveServer] = []

    def __call__(self, target: Target, **options: Any) -> LiveServer:
        server = serve(target, self._folder / f"server-{len(self._servers)}.log", **options)
        self._servers.append(server)
        return server

    def stop(self) -> None:
        for server in self._servers:
            server.stop()
            print(f"-- log of {server.url}\n{server.log[-4000:]}")  # pytest shows it if the test failed


@pytest.fixture
def live_server(tmp_path: Path) -> Iterator[Starter]:
    """Starts servers that end with the test."""
    starter = Starter(tmp_path)
    yield starter
    starter.stop()


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    """Starts servers that end with the test module, for tests that only look."""
    starter = Starter(tmp_path_factory.mktemp("servers"))
    yield starter
    starter.stop()
