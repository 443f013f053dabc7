"""Databases on servers that run already. To make one takes a server longer than most tests take, so each is emptied and
used again, as long as a test has left its tables as they were."""

from __future__ import annotations

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.pool import NullPool

from rig.filling import Databases

WAIT = 3  # seconds for a server to answer at all


class Server(Databases):
    """Databases on a server that runs already; `base` is its address."""

    def __init__(self, base: URL) -> None:
        super().__init__()
        self.base = base
        arguments = {"connect_timeout": WAIT}
        self.engine = create_engine(base, isolation_level="AUTOCOMMIT", connect_args=arguments, poolclass=NullPool)
        self.admin: Connection = self.engine.connect()

    def address(self, name: str) -> str:
        return self.base.set(database=name).render_as_string(hide_password=False)

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.admin.exec_driver_sql(statement)

    def close(self) -> None:
        super().close()
        self.admin.close()
