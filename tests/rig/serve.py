"""The process behind `live_server`: makes the app that the environment names and serves it on an open socket."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from typing import Any

from flask import Flask
from werkzeug.serving import make_server


def app() -> Flask:
    """The app of RIG_APP (`path/file.py:create_app` or `package.module:create_app`), made with RIG_ARGUMENTS."""
    place, _, name = os.environ["RIG_APP"].rpartition(":")
    made: Flask = getattr(_module(place), name)(**json.loads(os.environ["RIG_ARGUMENTS"]))
    return made


def _module(place: str) -> Any:
    if not place.endswith(".py"):
        return importlib.import_module(place)
    spec = importlib.util.spec_from_file_location("served", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    make_server("127.0.0.1", 0, app(), threaded=True, fd=int(os.environ["RIG_SOCKET"])).serve_forever()
