"""What a password's hash costs here, and whether every stored one can be verified."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from statistics import median

from flask import current_app

from housekey.capabilities.passwords.actions import Vault
from housekey.capabilities.passwords.profiles import PROFILES
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.commands.diagnosis.finding import FAIL, OK, WARN, Finding
from housekey.house import House
from housekey.login.settings import LoginSettings

ROUNDS = 5
QUICK_S = 0.015
"""The lightest profile takes 20 ms on a server's core; a hash quicker than this can be afforded heavier."""
SLOW_S = 0.5
"""People wait for it, and few of them can log in in one second."""
THREADS = 8
"""What the defaults of the pool are made for."""
KIB = 1024


def examine(house: House, threads: int | None) -> Iterator[Finding]:
    """All of it."""
    yield profile(house)
    yield hash_time(house, measured(house))
    yield pool(house, threads or threads_of_gunicorn())


def profile(house: House) -> Finding:
    """The cheap one is as quick to crack."""
    found = PROFILES[house.settings[PasswordSettings].hash_profile]
    memory = f"{found.memory // KIB} MiB" if found.memory >= KIB else f"{found.memory} KiB"
    about = f"is {found.name}: argon2id, {memory}, {found.passes} {'pass' if found.passes == 1 else 'passes'}."
    if not found.only_for_tests:
        return Finding(OK, "hash profile", about)
    cure = 'For tests alone: leave HOUSEKEY_PASSWORDS_HASH_PROFILE out, or choose "standard".'
    return Finding(OK if current_app.testing else FAIL, "hash profile", about, cure)


def measured(house: House) -> float:
    """Seconds that one hash takes on this machine, with the app's own settings."""
    hasher = house.service(Vault).hasher
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        hasher.hash("correct horse battery staple")
        times.append(time.perf_counter() - began)
    return median(times)


def hash_time(house: House, seconds: float) -> Finding:
    """Against what people wait for, what guessers pay, and the time that hides which refusal it is."""
    refusal = house.settings[LoginSettings].refusal_time.total_seconds()
    about = f"is {seconds * 1000:.1f} ms on this machine."
    if seconds > SLOW_S:
        cure = 'Choose HOUSEKEY_PASSWORDS_HASH_PROFILE = "light", or a faster machine.'
        return Finding(WARN, "hash time", about, cure)
    if seconds > refusal and not current_app.testing:
        cure = "Raise HOUSEKEY_LOGIN_REFUSAL_TIME above it: the clock tells unknown users from wrong passwords."
        return Finding(WARN, "hash time", f"{about} HOUSEKEY_LOGIN_REFUSAL_TIME is {refusal * 1000:.0f} ms.", cure)
    if seconds < QUICK_S and not current_app.testing:
        cure = "This machine affords a heavier HOUSEKEY_PASSWORDS_HASH_PROFILE."
        return Finding(WARN, "hash time", about, cure)
    return Finding(OK, "hash time", about)


def pool(house: House, threads: int | None) -> Finding:
    """Logins that wait for a hash must leave threads for everybody else."""
    settings, count = house.settings[PasswordSettings], threads or THREADS
    memory = settings.pool_size * PROFILES[settings.hash_profile].memory // KIB
    told = f"{count} threads" if threads else f"{count} threads (--threads tells the real number)"
    about = f"computes {settings.pool_size} at once ({memory} MiB), {settings.pool_queue} may wait, of {told}."
    if settings.pool_queue * 2 >= count or settings.pool_size + settings.pool_queue >= count:
        cure = (
            "Logins alone can keep every thread busy: give a worker more threads, or lower "
            "HOUSEKEY_PASSWORDS_POOL_SIZE and HOUSEKEY_PASSWORDS_POOL_QUEUE."
        )
        return Finding(WARN, "hash pool", about, cure)
    return Finding(OK, "hash pool", about)


def threads_of_gunicorn() -> int | None:
    """`GUNICORN_CMD_ARGS="--threads 16"`, where the same environment runs the server."""
    found = re.search(r"--threads[ =](\d{1,4})\b", os.environ.get("GUNICORN_CMD_ARGS", ""))
    return int(found[1]) if found else None
