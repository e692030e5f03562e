"""Items by what is written in them, or by their id."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.store import Store
from annotate.store.search import SHORTEST, Places

LOOKED_AT = 2000
"""Up to so many items that may hold a text are looked at one by one; of more, those are given that
hold every three characters in a row of it, which is nearly always the same."""
LONGEST = 200
_WORDS = re.compile(r'"([^"]+)"|(\S+)')


def words_of(search: str) -> list[str]:
    """What is to be found, in any order; what stands in quotes as one.

    Raises AnnotateError for what is too long, or holds nothing long enough to look for.

    >>> words_of('refund "not working" 垃圾 a')
    ['refund', 'not working', '垃圾', 'a']
    """
    if len(search) > LONGEST:
        raise AnnotateError(
            f"a search has up to {LONGEST} characters, not {len(search)}: look for less"
        )
    words = [(quoted or word).strip() for quoted, word in _WORDS.findall(search)]
    words = [word for word in words if word]
    if words and max(map(len, words)) < SHORTEST:
        raise AnnotateError(
            f"{search.strip()!r} is too short to look for: give a word of {SHORTEST} characters or "
            "more, or put it in quotes with what stands beside it"
        )
    return words


def found_in(
    store: Store, project: str, search: str, among: NDArray[np.bool_] | None = None
) -> Places:
    """Sorted positions of the items that hold every word of `search`, in any case of its letters,
    and of the one with this id.

    among: by position, True where an item is of interest; None: all are. Raises AnnotateError.
    """
    named = store.items.find(project, search.strip())
    own = np.array([] if named is None else [named.position], dtype=np.int64)
    try:
        words = words_of(search)
    except AnnotateError:
        if named is None:
            raise
        return own
    long = [word for word in words if len(word) >= SHORTEST]
    places = store.search.positions(project, long) if long else own
    if among is not None:
        places = places[places < len(among)]
        places = places[among[places]]
    exact = all(SHORTEST <= len(word) <= 3 for word in words)
    if len(places) <= LOOKED_AT and not exact:
        places = _looked_at(store, project, words, places)
    return np.union1d(places, own)


def _looked_at(store: Store, project: str, words: list[str], places: Places) -> Places:
    wanted = [word.lower() for word in words]
    found = []
    for item in store.items.at(project, places.tolist()):
        text = "\n".join(item.fields.values()).lower()
        if all(word in text for word in wanted):
            found.append(item.position)
    return np.array(found, dtype=np.int64)
