"""Pages of a list that is kept as arrays, found again when items have moved."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from annotate.workflow.disagreement.slicing import Ints, Mask, Slices


class Page(NamedTuple):
    """Indices of items, and where the pages before and behind begin; None: there is none."""

    items: Ints
    total: int
    first: int
    before: int | None
    behind: int | None


def page_of(left: Mask, *, start: int, size: int) -> Page:
    """The kept items from index `start` on. first: how many kept ones are before the page."""
    found = np.nonzero(left)[0]
    first = int(np.searchsorted(found, start))
    shown = found[first : first + size]
    behind = int(found[first + size]) if first + size < len(found) else None
    before = int(found[max(first - size, 0)]) if first else None
    return Page(shown, len(found), first, before, behind)


def index_at(slices: Slices, priority: float, position: int) -> int:
    """Where in the order an item of this priority stands, or would stand; 0 <= index <= n."""
    ahead = (slices.priority > priority) | (
        (slices.priority == priority) & (slices.position < position)
    )
    return int(np.count_nonzero(ahead))
