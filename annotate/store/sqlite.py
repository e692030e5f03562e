"""The engine on SQLite: one file, write-ahead log, every commit on the disk before it returns."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from annotate.errors import AnnotateError, Busy, WorkspaceError
from annotate.store.engine import OnConflict, Row
from annotate.store.steps import Steps

BUSY_TIMEOUT_S = 30.0
LOOK_AGAIN_S = 0.001
ROWS_AT_ONCE = 10_000
PRAGMAS = (
    "synchronous = full",
    "foreign_keys = on",
    "cache_size = -16384",  # KiB at most: it grows with the work, and 64 MB were no faster
)


class SqliteEngine:
    """Implements `Engine`. Transactions begin immediate: a deferred one that reads before it
    writes fails under a second writer whatever the timeout."""

    for_claim = ""

    def __init__(self, path: Path | str, *, read_only: bool = False, mapped: bool = False) -> None:
        """read_only: the file must be there, and nothing can be written to it. mapped: read it as
        memory, which at random places is several times as fast; where the disk fails, it is the
        process that ends, not the query."""
        self.path = path
        self._read_only = read_only
        # not mode=ro: who reads a write-ahead log has to open its index for writing
        place = f"{Path(path).resolve().as_uri()}?mode=rw" if read_only else path
        with _Errors(path):
            self._connection = sqlite3.connect(
                place, timeout=BUSY_TIMEOUT_S, isolation_level=None, uri=read_only
            )
        try:
            if not read_only:
                self._patiently("pragma journal_mode = wal")
            for pragma in (*PRAGMAS, "query_only = on") if read_only else PRAGMAS:
                self.execute(f"pragma {pragma}")
            if mapped:
                self.execute(f"pragma mmap_size = {2**40}")  # as much as SQLite allows: 2 GB
                self.execute("pragma cache_size = -2048")  # for the rest, where pages rarely recur
        except BaseException:
            self.close()
            raise

    @property
    def place(self) -> str:
        return "" if str(self.path) == ":memory:" else str(Path(self.path).resolve())

    @property
    def writes(self) -> bool:
        return not self._read_only

    def migrate(self, migrations: Steps) -> None:
        """Bring the schema to the newest step. Raises WorkspaceError for one that is newer still.

        Takes the write lock before it looks again: of two processes that start together, the
        second finds it done.
        """
        with _Errors(self.path):
            applied, steps = self._applied(migrations), migrations.steps.keys()
            if applied - steps:
                raise WorkspaceError(
                    f"{self.path} was used by a newer version of this program "
                    f"({max(applied - steps)}). Install that version, or choose another folder"
                )
            if applied != steps and self._read_only:
                raise WorkspaceError(
                    f"{self.path} was made by an older version of this program: `coannotate "
                    "status` in its folder brings it up to date"
                )
            if applied != steps:
                from sqlite_utils import Database

                with self.transaction():
                    migrations.apply(Database(self._connection))

    def _applied(self, migrations: Steps) -> set[str]:
        known = "select name from sqlite_master where type = 'table' and name = :name"
        if not any(self.query(known, {"name": migrations.table})):
            return set()
        sql = f"select name from {migrations.table} where migration_set = :set"
        return {row["name"] for row in self.query(sql, {"set": migrations.name})}

    def query(
        self, sql: str, params: Mapping[str, Any] = {}
    ) -> Generator[dict[str, Any], None, None]:
        with _Errors(self.path):
            cursor = self._connection.execute(sql, params)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))

    def columns(self, sql: str, params: Mapping[str, Any] = {}) -> tuple[tuple[Any, ...], ...]:
        with _Errors(self.path):
            return tuple(zip(*self._connection.execute(sql, params), strict=True))

    def blocks(
        self, sql: str, params: Mapping[str, Any] = {}
    ) -> Generator[tuple[tuple[Any, ...], ...], None, None]:
        with _Errors(self.path):
            cursor = self._connection.execute(sql, params)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield tuple(zip(*rows, strict=True))

    def rows(self, sql: str, params: Mapping[str, Any] = {}) -> list[tuple[Any, ...]]:
        with _Errors(self.path):
            return self._connection.execute(sql, params).fetchall()

    def execute(self, sql: str, params: Mapping[str, Any] = {}) -> int:
        with _Errors(self.path):
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
        with self.transaction(), _Errors(self.path):
            return self._connection.executemany(sql, chain([first], rows)).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        try:
            self._patiently("begin immediate")
            yield
            with _Errors(self.path):
                self._connection.commit()
        except BaseException:
            self._connection.rollback()  # also after a commit that failed: nothing joins its rest
            raise

    def _patiently(self, sql: str) -> None:
        """Run a statement as soon as no other connection is in its way. SQLite itself would wait up
        to 100 ms between two looks, and where many write, who came long ago would wait behind who
        has just come; for the first log of a new file it does not wait at all. Raises Busy."""
        until = time.monotonic() + BUSY_TIMEOUT_S
        with _Errors(self.path):
            self._connection.execute("pragma busy_timeout = 0")
            try:
                while not self._ran(sql, last=time.monotonic() > until):
                    time.sleep(LOOK_AGAIN_S)
            finally:
                self._connection.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")

    def _ran(self, sql: str, *, last: bool) -> bool:
        try:
            self._connection.execute(sql).close()
        except sqlite3.OperationalError as error:
            if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        self.execute("savepoint attempt")
        try:
            yield
        except BaseException:
            self.execute("rollback to attempt")
            raise
        finally:
            self.execute("release attempt")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        with _Errors(self.path):
            self._connection.execute("begin deferred")  # takes no lock that a writer waits for
            self._connection.execute("select 1 from sqlite_master").fetchone()  # from now on
            self._connection.execute("pragma query_only = on").close()
        try:
            yield
        finally:
            if not self._read_only:
                self._connection.execute("pragma query_only = off").close()
            self._connection.rollback()

    def copy_to(self, path: Path) -> None:
        self.execute("vacuum into :path", {"path": str(path)})  # a reader, in write-ahead mode

    def wipe(self, tables: Iterable[str]) -> None:
        self.execute("pragma secure_delete = on")  # else the rows stay readable in the file
        with self.transaction():
            for table in tables:
                self.execute(f"delete from {table}")

    def damage(self) -> str | None:
        found = [str(row["quick_check"]) for row in self.query("pragma quick_check(1)")]
        return None if found == ["ok"] else "; ".join(found)

    def close(self) -> None:
        self._connection.close()


class _Errors:
    """Raises what a user can do something about in the place of SQLite's own errors. A class: every
    statement passes here, and a generator would cost as much as a small query."""

    __slots__ = ("_path",)

    def __init__(self, path: Path | str) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
            translated = _translated(str(error), self._path)
            if translated is not None:
                raise translated from error


def _translated(said: str, path: Path | str) -> AnnotateError | None:
    """What a user can do something about; None for what is our own mistake."""
    if "locked" in said:
        return Busy(
            f"{path}: another program has held the database for {BUSY_TIMEOUT_S:.0f} s. "
            "Wait until it ends, or stop it, and try again"
        )
    if any(sign in said for sign in ("not a database", "malformed", "already exists")):
        return WorkspaceError(
            f"{path} is damaged or is no database of this program ({said}). "
            "Restore a backup, or choose another folder"
        )
    if any(sign in said for sign in ("unable to open", "readonly", "disk")):
        return WorkspaceError(
            f"{path} cannot be used ({said}). Check the folder's rights and the space on the disk"
        )
    return None
