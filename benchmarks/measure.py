"""How a request is timed: CPU time of this process, through the WSGI callable, in rounds that take turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from werkzeug.test import EnvironBuilder

from benchmarks.subjects import Subject

ROUNDS = 9
REQUESTS = 300
WARM_UP = 100
AGENT = f"Werkzeug/{version('werkzeug')}"
"""What the test client has logged in with: a browser says the same from one request to the next."""


def environ_of(subject: Subject) -> dict[str, Any]:
    headers = {"Cookie": subject.cookies, "User-Agent": AGENT} if subject.cookies else {}
    return EnvironBuilder(subject.path, headers=headers).get_environ()


def ask(subject: Subject, environ: dict[str, Any], count: int) -> float:
    """CPU microseconds a request."""
    answers: list[str] = []

    def start(status: str, headers: Any, error: Any = None) -> Any:
        answers.append(status)

    began = time.process_time()
    for _ in range(count):
        body = subject.app(dict(environ), start)
        b"".join(body)
        if hasattr(body, "close"):
            body.close()
    spent = time.process_time() - began
    assert all(status.startswith("200") for status in answers), (subject.label, answers[-1])
    return spent / count * 1e6


def compare(subjects: Sequence[Subject]) -> dict[str, tuple[float, float]]:
    """By label: the median of microseconds, and the median of the ratio to the first subject of the same round."""
    environs = [environ_of(subject) for subject in subjects]
    for subject, environ in zip(subjects, environs, strict=True):
        ask(subject, environ, WARM_UP)
    rounds = [[ask(s, e, REQUESTS) for s, e in zip(subjects, environs, strict=True)] for _ in range(ROUNDS)]
    return {
        subject.label: (
            statistics.median(one[index] for one in rounds),
            statistics.median(one[index] / one[0] for one in rounds),
        )
        for index, subject in enumerate(subjects)
    }
