"""`make bench`: all figures of one run, side by side. Machines differ and are noisy: compare the multiples.

python -m benchmarks --quick    only shows that all of it works; its figures say nothing
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from benchmarks import logins, measure
from benchmarks.imports import import_costs
from benchmarks.logins import login_costs
from benchmarks.measure import compare
from benchmarks.subjects import all_subjects

POSTGRES = os.environ.get("HOUSEKEY_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


@contextlib.contextmanager
def sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'bench.sqlite'}"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A database of our own, dropped afterwards."""
    server = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    name = f"housekey_bench_{secrets.token_hex(4)}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
    try:
        yield sa.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"drop database {name} with (force)")
        server.dispose()


def requests_on(title: str, url: str) -> None:
    print(f"\n{title}: a page with the user's name, CPU µs a request and multiples of bare Flask\n")
    for label, (spent, ratio) in compare(all_subjects(url)).items():
        print(f"  {label:<36}{spent:>9.0f} µs {ratio:>7.2f} ×")


def logins_on(title: str, url: str) -> None:
    costs = login_costs(url)
    print(
        f"\n{title}: a login takes {costs['login']:.1f} ms of CPU, its hash {costs['hash']:.1f} ms, "
        f"all else {costs['rest']:.1f} ms; {1000 / costs['login']:.0f} logins a second and core"
    )


def imports() -> None:
    print()
    for module, (spent, memory) in import_costs(["flask, flask_sqlalchemy, flask_login", "housekey"]).items():
        print(f"import {module}: {spent:.0f} ms of CPU, {memory:.0f} MB")


def main() -> None:
    warnings.simplefilter("ignore")
    if "--quick" in sys.argv[1:]:
        measure.ROUNDS, measure.REQUESTS, measure.WARM_UP, logins.LOGINS = 1, 3, 1, 3
    for title, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        try:
            with database() as url:
                requests_on(title, url)
            with database() as url:
                logins_on(title, url)
        except sa.exc.OperationalError as error:
            print(f"\n{title}: left out, {str(error.orig).splitlines()[0]}")
    imports()


if __name__ == "__main__":
    main()
