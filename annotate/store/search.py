"""Where in a project's items a text occurs: an index over every three characters in a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.store.engine import Engine

Places = NDArray[np.int64]
SHORTEST = 2
"""Characters; of shorter texts nearly every item has some."""
_OF_A_PROJECT = 1 << 40


class Search:
    """Kept current by the database itself, whoever adds items. Case is passed over."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def positions(self, project: str, texts: Sequence[str]) -> Places:
        """Sorted positions of the items that may hold all of `texts`.

        All that do are among them. So may be items that hold every three characters in a row of a
        text and not the text itself: whoever needs to be sure looks at the item. texts: each of
        SHORTEST characters or more.
        """
        first = self._first(project)
        if first is None:
            return np.empty(0, dtype=np.int64)
        grams = [_quoted(gram) for text in texts for gram in _grams(text)]
        found = [self._short(first, text) for text in texts if len(text) < 3]
        if grams:
            found.append(self._long(first, " AND ".join(dict.fromkeys(grams))))
        places = found[0] if found else np.empty(0, dtype=np.int64)
        for other in found[1:]:
            places = np.intersect1d(places, other, assume_unique=True)
        return places - first

    def _first(self, project: str) -> int | None:
        sql = "select first from search_projects where project = :project"
        rows = list(self._engine.query(sql, {"project": project}))
        return int(rows[0]["first"]) if rows else None

    def _long(self, first: int, grams: str) -> Places:
        sql = """
            select group_concat(place) as found from items_with
            where says match :grams and place between :first and :last"""
        return self._places(sql, {"grams": grams, **_range(first)})

    def _short(self, first: int, text: str) -> Places:
        sql = """
            select group_concat(doc) as found from (
              select distinct doc from item_trigrams
              where term >= :start and term < :end and doc between :first and :last)"""
        start = text.lower()
        params = {"start": start, "end": f"{start}\U0010ffff", **_range(first)}
        return self._places(sql, params)

    def _places(self, sql: str, params: dict[str, str | int]) -> Places:
        """One text instead of a million rows: ten times as fast."""
        found = next(self._engine.query(sql, params))["found"]
        return np.sort(np.fromstring(found or "", dtype=np.int64, sep=","))


def _range(first: int) -> dict[str, str | int]:
    return {"first": first, "last": first + _OF_A_PROJECT - 1}


def _grams(text: str) -> list[str]:
    """Every three characters in a row.

    >>> _grams("refund"), _grams("ab")
    (['ref', 'efu', 'fun', 'und'], [])
    """
    return [text[at : at + 3] for at in range(len(text) - 2)]


def _quoted(gram: str) -> str:
    doubled = gram.replace('"', '""')
    return f'"{doubled}"'
