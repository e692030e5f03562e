"""Rows of items of which the same was said: put together once, and given to each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from annotate.exporters.protocol import ExportRow
from annotate.making import maker
from annotate.model import Item
from annotate.store.pages import EVER, ONE, PART, Gist, Span
from annotate.workflow.exports.reading import Reader
from annotate.workflow.exports.said import MOST
from annotate.workflow.promises.settling import POLICY as CUT

FEW = 8
"""New things are read item by item where fewer than one in so many of a page are new."""

Key: TypeAlias = tuple[Any, ...]


def rows_of(reader: Reader) -> Callable[[Sequence[Item]], list[ExportRow]]:
    """What makes a row for each item of a page.

    Of questions with classes the same few things are said over and over, unless it has to be told
    by whom and when.
    """
    wanted = reader.wanted
    if wanted.calls or wanted.named or wanted.weighed or not reader.said.classes:
        return reader.rows
    return Alike(reader).rows


class _Kept(NamedTuple):
    """What a row has before and behind the probability, from the answers on."""

    before: tuple[Any, ...]
    behind: tuple[Any, ...]


_NAMES = tuple(ExportRow.__dataclass_fields__)
_FROM, _CHANCE = _NAMES.index("answers"), _NAMES.index("probability")
_row = maker(ExportRow)


class Alike:
    """Over one question. What was said is read in short and is the key to a row that `Reader` has
    made of the first item of which it was said; whatever hangs on times is made by `Reader` too."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[Key, _Kept] = {}

    def rows(self, items: Sequence[Item]) -> list[ExportRow]:
        """A row for each of the items of a page, as `Reader.rows` makes it but for ids, times and
        people."""
        reader, gists = self._reader, self._gists(items)
        project, question, known = reader.project, reader.question, self._known
        keys = list(map(self._key, gists))
        found: list[ExportRow | None] = []
        for item, key, gist in zip(items, keys, gists, strict=True):
            kept = None if key is None else known.get(key)
            found.append(
                None
                if kept is None
                else _row(project, question, item, *kept.before, gist.probability, *kept.behind)
            )
        new = [at for at, row in enumerate(found) if row is None]
        if not new:
            return found  # type: ignore[return-value]
        pages = [items] if len(new) * FEW > len(items) else [[items[at]] for at in new]
        made = {row.item.id: row for page in pages for row in reader.rows(page)}
        return [
            self._noted(made[item.id], key) if row is None else row
            for item, key, row in zip(items, keys, found, strict=True)
        ]

    def _gists(self, items: Sequence[Item]) -> list[Gist]:
        reader, low, high = self._reader, items[0].position, items[-1].position
        return reader.store.pages.gists(
            Span(reader.project.project, reader.question.name, low, high),
            as_if=(CUT, reader.frozen_at),
            calls=reader.wanted.votes,
            consensus=reader.wanted.consensus,
        )

    def _key(self, gist: Gist) -> Key | None:
        """What was said of an item, without ids and times; None where it has to be put together by
        itself."""
        id_, _, decided, called, said = gist
        if id_ in self._reader.rulings:
            return None
        if not self._reader.wanted.votes:
            if called:
                return None  # whether that counts is a matter of rounds
        else:
            at = None
            if decided is not None:
                decided, _, at = decided.rpartition(PART)
            if called is not None:
                called, _, last = str(called).rpartition(ONE)
                if last == EVER or (at is not None and last > at):
                    return None  # asked again, or after it was decided
        return decided, called, said, id_ in self._reader.audited

    def _noted(self, row: ExportRow, key: Key | None) -> ExportRow:
        """The row; what is like it is made of it from now on."""
        if key is None:
            return row
        if len(self._known) >= MOST:
            self._known.clear()
        values = [getattr(row, name) for name in _NAMES[_FROM:-1]]
        chance = _CHANCE - _FROM
        self._known[key] = _Kept(tuple(values[:chance]), (*values[chance + 1 :], {}))
        return row
