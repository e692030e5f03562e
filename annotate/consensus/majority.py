"""The answer most people gave."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Sequence

from annotate.model import Consensus, Value


def majority(values: Sequence[Value], classes: Sequence[Value]) -> Consensus:
    """The most frequent of `values`; no value when several are equally frequent or there is none.

    classes: what may be voted for; a value that is no longer among them does not count. () where
    there is no fixed set: then all count, and lists and objects are the same when their JSON is.

    >>> majority(["a", "b", "a"], ["a", "b"])
    Consensus(value='a', votes=3, agreeing=2)
    >>> majority(["a", "b"], ["a", "b"]).value is None
    True
    >>> majority([{"x": 1, "y": 2}, {"y": 2, "x": 1}, {"x": 2, "y": 2}], ()).value
    {'x': 1, 'y': 2}
    """
    counted = [value for value in values if not classes or value in classes]
    votes = Counter(map(_identity, counted))
    if not votes:
        return Consensus(None, 0, 0)
    (most, agreeing), *others = votes.most_common()
    if others and others[0][1] == agreeing:
        return Consensus(None, votes.total(), agreeing)
    value = next(value for value in counted if _identity(value) == most)
    return Consensus(value, votes.total(), agreeing)


def _identity(value: Value) -> Hashable:
    """What two equal values have in common: the value itself, or its canonical JSON."""
    return value if isinstance(value, str) else (json.dumps(value, sort_keys=True),)
