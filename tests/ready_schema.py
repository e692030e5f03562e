"""The schema of a new database, made once by its steps and copied for all the others."""

from __future__ import annotations

import sqlite3
import threading
from functools import cache
from typing import Final

from annotate.store.migrations import migrations
from annotate.store.sqlite import SqliteEngine
from annotate.store.steps import Steps

STEP_BY_STEP: Final = SqliteEngine.migrate
_ALONE = threading.Lock()
"""Two threads that open one new database must not both find it empty."""


def migrate(self: SqliteEngine, steps: Steps) -> None:
    """In the place of `SqliteEngine.migrate`: a database that is empty begins as a copy."""
    if steps is migrations:
        with _ALONE:
            if not any(self.query("select name from sqlite_master")):
                _made().backup(self._connection)
    STEP_BY_STEP(self, steps)


@cache
def _made() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    engine = SqliteEngine.__new__(SqliteEngine)
    engine.path, engine._read_only, engine._connection = ":memory:", False, connection
    STEP_BY_STEP(engine, migrations)
    return connection
