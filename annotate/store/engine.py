"""The few verbs all SQL goes through; SQLite now, any other database by one more file."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Protocol

Row = Mapping[str, Any]
OnConflict = Literal["error", "ignore"]


class Engine(Protocol):
    """One connection. Belongs to the thread that opened it."""

    @property
    def place(self) -> str:
        """The database's name in the world, such as its file; empty where nobody shares it."""

    @property
    def writes(self) -> bool:
        """Whether it can: one that was opened to read cannot."""

    for_claim: str
    """What a claiming sub-select ends in, so that two people never get one row."""

    def query(
        self, sql: str, params: Mapping[str, Any] = ...
    ) -> Generator[dict[str, Any], None, None]:
        """Rows as dicts. Streams: close the iterator before writing."""

    def columns(self, sql: str, params: Mapping[str, Any] = ...) -> tuple[tuple[Any, ...], ...]:
        """All rows at once, column by column; () without rows: for what goes into arrays."""

    def blocks(
        self, sql: str, params: Mapping[str, Any] = ...
    ) -> Generator[tuple[tuple[Any, ...], ...], None, None]:
        """The columns of some thousand rows, then of the next. Streams, as `query`."""

    def rows(self, sql: str, params: Mapping[str, Any] = ...) -> list[tuple[Any, ...]]:
        """All rows at once, as tuples: for pages of rows that many are read of."""

    def execute(self, sql: str, params: Mapping[str, Any] = ...) -> int:
        """Run a statement; returns how many rows it touched."""

    def insert(self, table: str, rows: Iterable[Row], *, on_conflict: OnConflict = "error") -> int:
        """Insert rows that all have the same keys; returns how many went in."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; takes the write lock at its start. Joins one that is open."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Inside a transaction: all or nothing, without ending it. One may be inside another."""

    def snapshot(self) -> AbstractContextManager[None]:
        """All queries inside see one state; others may write meanwhile, this connection may not."""

    def copy_to(self, path: Path) -> None:
        """Write the database of one moment into a new file; nobody has to wait meanwhile."""

    def wipe(self, tables: Iterable[str]) -> None:
        """Empty these tables and overwrite what stood in them."""

    def damage(self) -> str | None:
        """What is wrong with the file; None when it is whole."""

    def close(self) -> None:
        """Give the connection back."""
