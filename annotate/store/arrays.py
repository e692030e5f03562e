"""Rows of a query as arrays, without an object for each row: what is reckoned of millions of them
is read like this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.store.engine import Engine

Array = NDArray[Any]
Codes = NDArray[np.int32]
Keys = NDArray[np.uint64]
Cells = tuple[Any, ...]
"""Some cells of one column, one behind the other."""

KEY = "substr({}, 1, 16)"
"""In SQL, the part of an item's id that its key is made of."""


class Numbers(dict[Any, int]):
    """What stands in a column, by number, in the order in which it is met."""

    def __missing__(self, key: Any) -> int:
        self[key] = number = len(self)
        return number

    def __call__(self, cells: Cells) -> Codes:
        return np.fromiter(map(self.__getitem__, cells), dtype=np.int32, count=len(cells))


def keys(cells: Cells) -> Keys:
    """64 bits of items' ids, which draws go by: (n,). cells: ids, or as many of their digits.

    >>> keys(("00000000000000ff", "000000000000010000000000000000ff"))
    array([255, 256], dtype=uint64)
    """
    digits = "".join([one[:16] for one in cells])
    return np.frombuffer(bytes.fromhex(digits), dtype=">u8").astype(np.uint64)


def floats(cells: Cells) -> Array:
    """(n,) NaN for null."""
    return np.array(cells, dtype=np.float64)


def whole(cells: Cells) -> Array:
    """(n,) whole numbers, and truth as 0 or 1."""
    return np.array(cells, dtype=np.int32)


def arrays(
    engine: Engine, sql: str, params: Mapping[str, Any], *kinds: Callable[[Cells], Array]
) -> list[Array]:
    """A query's columns, each made into an array by its kind, some thousand rows at a time."""
    parts: list[list[Array]] = [[kind(())] for kind in kinds]
    for block in engine.blocks(sql, params):
        for part, kind, cells in zip(parts, kinds, block, strict=True):
            part.append(kind(cells))
    return [np.concatenate(part) for part in parts]


def distinct(engine: Engine, sql: str, params: Mapping[str, Any]) -> int:
    """How many different items a query of one column, `key`, names: up to 60 million rows.

    The database would keep a tree of them, which grows faster than they do; and it hands out one
    text several times as fast as millions of rows.
    """
    [row] = engine.rows(f"select group_concat(key, '') from ({sql})", params)
    return len(np.unique(np.frombuffer(bytes.fromhex(row[0] or ""), dtype=">u8")))


def fills(engine: Engine, project: str) -> bool:
    """Whether most rows of the database are of this project: then a table is best read as it lies
    on the disk. By an index, each row is a look of its own: at a million seven times as slow."""
    sql = """
        select p.id = :project as own,
          (select coalesce(max(position), -1) + 1 from items where project = p.id) as items
        from projects p"""
    found = list(engine.query(sql, {"project": project}))
    own = sum(row["items"] for row in found if row["own"])
    return bool(2 * own > sum(row["items"] for row in found))


def whose(engine: Engine, project: str) -> str:
    """In SQL, that a row is of :project: by an index over projects only where that is quicker."""
    return "coalesce(project, '') = :project" if fills(engine, project) else "project = :project"
