"""Embeddings of items, kept: an encoder takes seconds for a thousand texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.store.engine import Engine
from annotate.store.rows import one_of

Vector = NDArray[np.float32]
PAGE = 500


class Embeddings:
    """One vector per item and space; a space is an encoder and what it was given to read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, space: str, vectors: Mapping[str, Vector]) -> int:
        """Keep the vectors of these items; those that are there already stay."""
        rows = (
            {"item_id": item_id, "space": space, "vector": vector.astype("<f4").tobytes()}
            for item_id, vector in vectors.items()
        )
        return self._engine.insert("vectors", rows, on_conflict="ignore")

    def of(self, space: str, item_ids: Sequence[str]) -> dict[str, Vector]:
        """Item id -> its vector; items that have none are left out."""
        found: dict[str, Vector] = {}
        for start in range(0, len(item_ids), PAGE):
            among, params = one_of(item_ids[start : start + PAGE])
            sql = f"select item_id, vector from vectors where space = :space and item_id in {among}"
            for row in self._engine.query(sql, {**params, "space": space}):
                found[row["item_id"]] = np.frombuffer(row["vector"], dtype="<f4")
        return found
