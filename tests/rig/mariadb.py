"""Databases of MariaDB; it has no templates, and a table takes it 30 ms."""

from __future__ import annotations

import re

from sqlalchemy import URL

from rig.filling import random_name
from rig.servers import Server

LOCAL = ("127.0.0.1", "localhost", "::1")


def _without_tls(base: URL) -> URL:
    """PyMySQL reads all certificates of the machine for each connection, which takes 30 times as long as to connect."""
    return base.update_query_dict({"ssl_disabled": "true"})


class MariaDB(Server):
    """MariaDB has no templates, and a table takes it 30 ms: the statements that made the tables are read once, and a
    database whose tables a test has left as they were is emptied for the next test."""

    def __init__(self, base: URL) -> None:
        super().__init__(_without_tls(base) if base.host in LOCAL else base)
        self._tables: dict[str, dict[str, str]] = {}
        self._rows_in: dict[str, list[str]] = {}
        self._template_of: dict[str, str] = {}
        self._spare: dict[str, list[str]] = {}

    def create(self, name: str) -> None:
        self.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")

    def copy(self, template: str) -> str:
        spare = self._spare.setdefault(template, [])
        return spare.pop() if spare else self._made(template)

    def _made(self, template: str) -> str:
        name = random_name()
        self.create(name)
        self._template_of[name] = template
        if template not in self._tables:
            self._tables[template] = tables = self._read(template)
            self._rows_in[template] = [table for table in tables if self._has_rows(template, table)]
        self.run(f"USE {name}", "SET foreign_key_checks = 0", *self._tables[template].values())
        self._fill(name, template)
        return name

    def drop(self, name: str) -> None:
        template = self._template_of.get(name)
        if template is not None and self._read(name) == self._tables[template]:
            self._empty_tables(name)
            self._fill(name, template)
            self._spare[template].append(name)
        else:
            self._template_of.pop(name, None)
            self.run(f"DROP DATABASE {name}")

    def close(self) -> None:
        for name in self._template_of:
            self.run(f"DROP DATABASE {name}")
        super().close()

    def _read(self, name: str) -> dict[str, str]:
        """By table, the statement that makes it; without the number that comes next."""
        self.run(f"USE {name}")
        tables = self.admin.exec_driver_sql("SHOW TABLES").scalars().all()
        made = {table: self.admin.exec_driver_sql(f"SHOW CREATE TABLE `{table}`").one()[1] for table in tables}
        return {table: re.sub(r" AUTO_INCREMENT=\d+", "", statement) for table, statement in made.items()}

    def _empty_tables(self, name: str) -> None:
        """TRUNCATE is slow, and alone lets numbers begin at 1 again."""
        numbered = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND auto_increment > 1"
        counted = set(self.admin.exec_driver_sql(numbered, (name,)).scalars())
        deleted = [
            f"DELETE FROM `{name}`.`{table}`" for table in self._tables[self._template_of[name]].keys() - counted
        ]
        self.run("SET foreign_key_checks = 0", *(f"TRUNCATE `{name}`.`{table}`" for table in counted))
        self.run("START TRANSACTION", *deleted, "COMMIT")  # the disk is waited for once

    def _fill(self, name: str, template: str) -> None:
        for table in self._rows_in[template]:
            self.run(f"INSERT INTO `{name}`.`{table}` SELECT * FROM `{template}`.`{table}`")

    def _has_rows(self, name: str, table: str) -> bool:
        return bool(self.admin.exec_driver_sql(f"SELECT EXISTS (SELECT 1 FROM `{name}`.`{table}`)").scalar())
