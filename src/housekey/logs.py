"""For the log of a site: lines as JSON, and access logs without the tokens of mailed links.

logging.config.dictConfig({
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "housekey.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
})
"""

from __future__ import annotations

import json
import logging
import re
from copy import copy
from datetime import UTC, datetime
from typing import Any

ACCESS_LOGS = ("werkzeug", "gunicorn.access")
"""Loggers that write addresses of requests, in the process that serves them."""
_TOKEN = re.compile(r"(token(?:=|%3D))[\w%+/=.~-]+", re.I)
_USUAL = frozenset([*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"])


class JsonFormatter(logging.Formatter):
    """One line of ASCII for each record: `time` (UTC), `level`, `logger`, `message`, `exception` if there is one, and
    whatever was given as `extra`; of events `event`, `outcome`, `reason`, `subject`, `details`, …"""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        more = {name: value for name, value in vars(record).items() if name not in _USUAL}
        return json.dumps(more | line, default=str)


class HideLinkTokens(logging.Filter):
    """Writes `token=…` where an address bears the token of a mailed link, which its first click does.

    Housekey puts it on Werkzeug's access log and gunicorn's. Put it on others that you have.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = without_tokens(record.msg)
        if isinstance(record.args, dict):
            record.args = copy(record.args)  # gunicorn's is more than a dict
            for name, part in record.args.items():
                record.args[name] = without_tokens(part)
        elif record.args:
            record.args = tuple(without_tokens(part) for part in record.args)
        return True


def without_tokens(part: Any) -> Any:
    """A text without what follows `token=`; all else as it is."""
    return _TOKEN.sub(r"\1…", part) if isinstance(part, str) else part


def hide_link_tokens() -> None:
    """On each of the access logs, once for the process."""
    for name in ACCESS_LOGS:
        logger = logging.getLogger(name)
        if _HIDER not in logger.filters:
            logger.addFilter(_HIDER)


_HIDER = HideLinkTokens()
