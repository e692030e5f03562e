"""A key of the items' metadata, such as where each came from, as codes by position."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from annotate.clock import iso
from annotate.errors import AnnotateError
from annotate.questions import brief
from annotate.store import Store
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


def sources(store: Store, project: str, key: str, *, now: datetime) -> Sources:
    """What each item has under a key. What was found is kept, and new items are added to it.

    Raises AnnotateError for a key that tells nearly all items apart.
    """
    name = f"source {key}"
    codes, numbers = _known(store, project, name)
    begin = done = len(codes)
    parts = [codes]
    while page := store.slices.metadata(project, start=done, limit=PAGE):
        part = np.full(page[-1][0] + 1 - done, -1, dtype=np.int32)
        for position, metadata in page:
            value = metadata.get(key)
            text = brief(value) if key in metadata and _plain(value) else MISSING
            part[position - done] = numbers.setdefault(text, len(numbers))
        if len(numbers) > MOST_VALUES:
            raise AnnotateError(
                f"{key!r} has more than {MOST_VALUES:,} values among the items and tells no "
                "sources apart: choose another key of the metadata"
            )
        parts.append(part)
        done = page[-1][0] + 1
    codes = np.concatenate(parts)
    if done > begin:
        arrays: Arrays = {"code": codes, "words": as_array(list(numbers))}
        store.slices.keep(project, "", name, version=str(done), at=iso(now), arrays=arrays)
    return Sources(codes, list(numbers))


def _known(store: Store, project: str, name: str) -> tuple[Codes, dict[str, int]]:
    if store.slices.kept(project, "", name) is None:
        return np.empty(0, dtype=np.int32), {}
    arrays = store.slices.load(project, "", name)
    values: list[str] = json.loads(arrays["words"].tobytes())
    return arrays["code"], {value: code for code, value in enumerate(values)}


def _plain(value: Any) -> bool:
    return value is not None and not isinstance(value, list | dict)
