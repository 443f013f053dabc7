"""The command `housekey`; for an app of your own there is `flask housekey`."""

from __future__ import annotations

import errno
import socket
import tempfile
from pathlib import Path

import click
from werkzeug.serving import WSGIRequestHandler, make_server

from housekey.commands.refusals import told
from housekey.demo.app import create_app
from housekey.demo.first_admin import make_admin
from housekey.demo.greeting import DATA, PORT, demo_command, greeting

HOST = "127.0.0.1"  # nobody but this machine: what is served here is for trying out


@click.group(epilog="In an app of your own: flask housekey --help")
@click.version_option(package_name="housekey")
def main() -> None:
    """Complete user accounts for Flask."""


@main.command()
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--data",
    default=DATA,
    show_default=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder for the database and the secret key; made if it isn't there.",
)
@click.option(
    "--admin",
    metavar="EMAIL",
    help="Make EMAIL an administrator: now, or if nobody has that address yet, when it is registered.",
)
def demo(port: int, data: Path, admin: str | None) -> None:
    """Serve Notebook, a small blog with accounts, on this machine."""
    if admin is not None and "@" not in admin:
        raise click.BadParameter(f"{admin!r} is no e-mail address.", param_hint="'--admin'")
    check_folder(data)
    with told():
        app = create_app(data, f"http://localhost:{port}")
        is_admin = admin is not None and make_admin(app, admin)
    if is_admin:
        click.echo(f"{admin} is an administrator now.\n")
    with listen(port, data) as listener:
        server = make_server(HOST, port, app, threaded=True, request_handler=Quiet, fd=listener.fileno())
        click.echo(greeting(port, data, None if is_admin else admin))
        server.serve_forever()
    click.echo("\nNotebook has stopped.")


class Quiet(WSGIRequestHandler):
    """Errors are logged, requests are not."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...


def check_folder(data: Path) -> None:
    """Say at once if the database can't be kept in `data`."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=data).close()
    except OSError as error:
        raise click.ClickException(
            f"{data} can't be used as a folder for data: {error.strerror}. Name another one with --data."
        ) from None


def listen(port: int, data: Path) -> socket.socket:
    """Take the port, or say what to do."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        reason = "is in use, perhaps by another Notebook" if busy else f"can't be used: {error.strerror}"
        other = port + 1 if 1024 <= port < 65535 else 5001
        raise click.ClickException(f"Port {port} {reason}. Take another one: {demo_command(other, data)}") from None


if __name__ == "__main__":
    main()
