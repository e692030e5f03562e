"""Rows of items of which the same was said: put together once, and given to each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from annotate.exporters.protocol import ExportRow
from annotate.model import Item
from annotate.store.making import maker
from annotate.store.pages import Call, Plain, Span, Stood
from annotate.workflow.exports.reading import Reader
from annotate.workflow.exports.said import MOST

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
_OUTCOME, _AT = Call._fields.index("outcome"), Call._fields.index("created_at")
_SAID = slice(1, _AT)
_row = maker(ExportRow)
_NOTHING = Stood(None, "open", None)


class Alike:
    """Over one question. What was said is read in short and is the key to a row that `Reader` has
    made of the first item of which it was said; whatever hangs on times is made by `Reader` too."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[Key, _Kept] = {}

    def rows(self, items: Sequence[Item]) -> list[ExportRow]:
        """A row for each of the items of a page, as `Reader.rows` makes it but for ids, times and
        people."""
        reader, keys = self._reader, self._keys(items)
        project, question, known = reader.project, reader.question, self._known
        found: list[ExportRow | None] = []
        for item, (key, chance) in zip(items, keys, strict=True):
            kept = None if key is None else known.get(key)
            found.append(
                None
                if kept is None
                else _row(project, question, item, *kept.before, chance, *kept.behind)
            )
        new = [at for at, row in enumerate(found) if row is None]
        if not new:
            return found  # type: ignore[return-value]
        pages = [items] if len(new) * FEW > len(items) else [[items[at]] for at in new]
        made = {row.item.id: row for page in pages for row in reader.rows(page)}
        return [
            self._noted(made[item.id], key) if row is None else row
            for item, (key, _), row in zip(items, keys, found, strict=True)
        ]

    def _keys(self, items: Sequence[Item]) -> list[tuple[Key | None, float | None]]:
        """For each item what was said of it, None where times matter; and the probability of what
        the consensus stands by."""
        reader, pages = self._reader, self._reader.store.pages
        span = Span(reader.project.project, reader.question.name, items[0].position,
                    items[-1].position)  # fmt: skip
        placed, given = pages.placed(span), pages.given(span)
        calls = pages.called(span) if reader.ranks else {}
        stood = pages.consensus(span, lambda text: text) if reader.wanted.consensus else {}
        rulings, audited = reader.rulings, reader.audited
        found: list[tuple[Key | None, float | None]] = []
        for item in items:
            id_ = item.id
            decision, said = placed.get(id_), calls.get(id_, ())
            value, status, chance = stood.get(id_, _NOTHING)
            if id_ in rulings or not self._timeless(said, decision):
                found.append((None, None))
                continue
            key = (
                decision and decision[1:4],
                tuple([one[3:] for one in given.get(id_, ())]),
                tuple([one[_SAID] for one in said]),
                value,
                status if id_ in stood else None,
                id_ in audited,
            )
            found.append((key, chance))
        return found

    def _timeless(self, calls: Sequence[Plain], decision: Plain | None) -> bool:
        """Whether it is the same whenever the calls were made: none was asked again, and all were
        there when it was decided."""
        at = self._reader.decided_at(*decision[4:]) if decision else None
        for call in calls:
            if call[_OUTCOME] == "error" or (at is not None and call[_AT] > at):
                return False
        return True

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
