"""The engine on SQLite: one file, write-ahead log, every commit on the disk before it returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from annotate.errors import Busy, WorkspaceError
from annotate.store.engine import OnConflict, Row

BUSY_TIMEOUT_S = 30.0


class SqliteEngine:
    """Implements `Engine`. Transactions begin immediate: a deferred one that reads before it
    writes fails under a second writer whatever the timeout."""

    for_claim = ""

    def __init__(self, path: Path | str) -> None:
        try:
            self._connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
                self._connection.execute(f"pragma {pragma}").close()
        except sqlite3.Error as error:
            raise _translated(error, path) from error
        self.path = path

    @property
    def database(self) -> Database:
        """The same connection for sqlite-utils, which runs the migrations."""
        return Database(self._connection)

    def query(self, sql: str, params: Mapping[str, Any] = {}) -> Iterator[dict[str, Any]]:
        with _errors(self.path):
            cursor = self._connection.execute(sql, params)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))

    def execute(self, sql: str, params: Mapping[str, Any] = {}) -> int:
        with _errors(self.path):
            return self._connection.execute(sql, params).rowcount

    def insert(self, table: str, rows: Iterable[Row], *, on_conflict: OnConflict = "error") -> int:
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return 0
        names = ", ".join(first)
        values = ", ".join(f":{name}" for name in first)
        tail = " on conflict do nothing" if on_conflict == "ignore" else ""
        sql = f"insert into {table} ({names}) values ({values}){tail}"
        with self.transaction(), _errors(self.path):
            return self._connection.executemany(sql, chain([first], rows)).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        with _errors(self.path):
            self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        with _errors(self.path):
            self._connection.commit()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        with _errors(self.path):
            self._connection.execute("begin deferred")  # takes no lock that a writer waits for
            self._connection.execute("pragma query_only = on").close()
        try:
            yield
        finally:
            self._connection.execute("pragma query_only = off").close()
            self._connection.rollback()

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _errors(path: Path | str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        raise _translated(error, path) from error


def _translated(error: sqlite3.Error, path: Path | str) -> Exception:
    said = str(error)
    if "locked" in said:
        return Busy(f"{path}: another program has held the database for {BUSY_TIMEOUT_S:.0f} s")
    if "not a database" in said or "malformed" in said:
        return WorkspaceError(f"{path} is damaged or is no database ({said}). Restore a backup")
    if "unable to open" in said or "readonly" in said or "disk" in said:
        return WorkspaceError(
            f"{path} cannot be used ({said}). Check the folder's rights and space"
        )
    return error
