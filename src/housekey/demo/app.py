"""The app factory of Notebook."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from flask import Flask, render_template
from flask.typing import ResponseReturnValue

from housekey.demo import leaving, policies  # noqa: F401  registers the rules
from housekey.demo.admin import admin
from housekey.demo.models import accounts
from housekey.demo.posts import posts
from housekey.web.here import DEMO


def create_app(data_dir: str | Path = "notebook-data", base_url: str | None = None, **config: Any) -> Flask:
    """Notebook, with its database and its secret key in `data_dir`; `base_url` is the address that people see."""
    folder = Path(data_dir).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = Flask(__name__, instance_path=str(folder))  # Housekey's database goes there: housekey.sqlite
    app.config.update(
        SECRET_KEY=kept_secret(folder / "secret_key"),
        HOUSEKEY_BASE_URL=base_url,
        HOUSEKEY_SITE_NAME="Notebook",
        HOUSEKEY_LAYOUT="base.html",  # the account pages inside our own look
        HOUSEKEY_LOGIN_AFTER_URL="/dashboard",
        HOUSEKEY_CSRF_PROTECT_HOST=True,  # our own forms are checked like Housekey's
        HOUSEKEY_REGISTRATION_VERIFICATION="grace",  # in at once, asked to confirm the address later
        HOUSEKEY_MAILED_LOGIN_OPEN=True,  # "Mail me a link", read in the mailbox page
        HOUSEKEY_REGISTRATION_ALLOW_TEST_ADDRESSES=True,  # ann@example.test will do for a demo
    )
    app.config.from_prefixed_env()  # FLASK_HOUSEKEY_…
    app.config.update(config)
    app.extensions[DEMO] = True  # only here, mails show on a page: /account/dev/mailbox
    accounts.init_app(app)
    app.register_blueprint(posts)
    app.register_blueprint(admin)
    app.register_error_handler(404, missing)
    return app


def kept_secret(file: Path) -> str:
    """The key that signs cookies: made once, and readable by its owner alone."""
    if not file.exists():
        with NamedTemporaryFile("w", dir=file.parent) as draft:  # mode 600
            draft.write(secrets.token_hex(32))
            draft.flush()
            with suppress(FileExistsError):  # another worker was first: its key counts
                file.hardlink_to(draft.name)
    return file.read_text()


def missing(error: Exception) -> ResponseReturnValue:
    return render_template("missing.html"), 404
