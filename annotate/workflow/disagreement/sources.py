"""A key of the items' metadata, such as where each came from, as codes by position."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from annotate.clock import iso
from annotate.errors import AnnotateError
from annotate.questions import brief
from annotate.store import Store
from annotate.workflow.consensus.consenting import FEW
from annotate.workflow.disagreement.slice_gathering import Arrays, as_array
from annotate.workflow.disagreement.slicing import Codes

LOOKED_AT = 500
"""Items whose metadata tell which keys there are."""
MOST_VALUES = 1000
PAGE = 5000
MISSING = "(none)"


class Sources(NamedTuple):
    """code: (items of the project,), by position, a place in `values`."""

    code: Codes
    values: list[str]


def source_keys(store: Store, project: str) -> list[str]:
    """The keys that the first items have with a plain value, by name."""
    first = store.slices.metadata(project, start=0, limit=LOOKED_AT)
    return sorted(
        {key for _, metadata in first for key, value in metadata.items() if _plain(value)}
    )


def sources(store: Store, project: str, key: str, *, now: datetime, wait: bool = True) -> Sources:
    """What each item has under a key. What was found is kept, and new items are added to it.

    wait: also where very many are new; else those are `MISSING` until somebody has looked.
    Raises AnnotateError for a key that tells nearly all items apart.
    """
    known = _known(store, project, key)
    items = store.items.next_position(project)
    if wait or items - len(known.code) <= FEW:
        known = _grown(store, project, [known], now=now)[0]
    if known.told_apart:
        raise AnnotateError(
            f"{key!r} has more than {MOST_VALUES:,} values among the items and tells no "
            "sources apart: choose another key of the metadata"
        )
    values = list(known.numbers)
    rest = items - len(known.code)
    if rest > 0:
        number = known.numbers.setdefault(MISSING, len(known.numbers))
        codes = np.append(known.code, np.full(rest, number, dtype=np.int32))
        return Sources(codes, list(known.numbers))
    return Sources(known.code, values)


def keep_sources(store: Store, project: str, *, now: datetime) -> None:
    """Look at every item under every key that may be a source, once."""
    known = [_known(store, project, key) for key in source_keys(store, project)]
    _grown(store, project, known, now=now)


@dataclass(slots=True)
class _Known:
    """What was found under a key. code: by position, of the items looked at. told_apart: there are
    more than `MOST_VALUES`, and nobody looks any further."""

    key: str
    code: Codes
    numbers: dict[str, int]

    @property
    def told_apart(self) -> bool:
        return len(self.numbers) > MOST_VALUES

    def coded(self, page: Sequence[tuple[int, Mapping[str, Any]]]) -> Codes:
        """The codes of items from where it ends up to the last of these."""
        part = np.full(page[-1][0] + 1 - len(self.code), -1, dtype=np.int32)
        for position, metadata in page:
            value = metadata.get(self.key)
            text = brief(value) if self.key in metadata and _plain(value) else MISSING
            part[position - len(self.code)] = self.numbers.setdefault(text, len(self.numbers))
        return part


def _grown(
    store: Store, project: str, known: Sequence[_Known], *, now: datetime
) -> Sequence[_Known]:
    """With all items that have come since, and kept."""
    open_ = [one for one in known if not one.told_apart]
    begun = {one.key: len(one.code) for one in open_}
    done = min(begun.values(), default=0)
    while open_ and (page := store.slices.metadata(project, start=done, limit=PAGE)):
        done = page[-1][0] + 1
        for one in open_:
            new = [item for item in page if item[0] >= len(one.code)]
            if new and not one.told_apart:
                one.code = np.append(one.code, one.coded(new))
    for one in open_:
        if len(one.code) > begun[one.key]:
            arrays: Arrays = {"code": one.code, "words": as_array(list(one.numbers))}
            version, name = str(len(one.code)), f"source {one.key}"
            store.slices.keep(project, "", name, version=version, at=iso(now), arrays=arrays)
    return known


def _known(store: Store, project: str, key: str) -> _Known:
    name = f"source {key}"
    if store.slices.kept(project, "", name) is None:
        return _Known(key, np.empty(0, dtype=np.int32), {})
    arrays = store.slices.load(project, "", name)
    values: list[str] = json.loads(arrays["words"].tobytes())
    return _Known(key, arrays["code"], {value: code for code, value in enumerate(values)})


def _plain(value: Any) -> bool:
    return value is not None and not isinstance(value, list | dict)
