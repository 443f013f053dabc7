"""What `housekey demo` says at the terminal: where it is, and what to call next."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

PORT = 5000
DATA = Path("notebook-data")


def greeting(port: int, data: Path, admin: str | None) -> str:
    """`admin`: an address that becomes an administrator when it is registered; None: nobody was named."""
    grant = [program("flask"), "--app", factory(data), "housekey", "roles", "grant", "EMAIL", "admin"]
    first_admin = (
        f"{admin}, as soon as it is registered"
        if admin
        else f"register, stop the server, then: {demo_command(port, data, '--admin', 'EMAIL')}\n"
        f"           or, while it runs: {shlex.join(grant)}"
    )
    return f"""Notebook is at http://localhost:{port}   (Ctrl+C stops it)

  Data     {data.absolute()}
  Mails    http://localhost:{port}/account/dev/mailbox   (they go nowhere else)
  Admin    {first_admin}
"""


def demo_command(port: int, data: Path, *more: str) -> str:
    """This demo once more, as it can be typed."""
    given = ["--port", str(port)] * (port != PORT) + ["--data", str(data)] * (data != DATA)
    return shlex.join([program("housekey"), "demo", *given, *more])


def factory(data: Path) -> str:
    """The app as `flask --app` takes it."""
    return "housekey.demo" if data == DATA else f"housekey.demo:create_app({str(data)!r})"


def program(name: str) -> str:
    """A program of this environment: by its name alone where the shell finds it, else by its path."""
    file = Path(sys.executable).with_name(name)
    if shutil.which(name) == str(file):
        return name
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)
