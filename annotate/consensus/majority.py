"""The answer most people gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from annotate.model import Consensus, Value


def majority(values: Sequence[Value], classes: Sequence[Value]) -> Consensus:
    """The most frequent of `values`; no value when several are equally frequent or there is none.

    classes: what may be voted for; a value that is no longer among them does not count.

    >>> majority(["a", "b", "a"], ["a", "b"])
    Consensus(value='a', votes=3, agreeing=2)
    >>> majority(["a", "b"], ["a", "b"]).value is None
    True
    """
    votes = Counter(value for value in values if value in classes)
    if not votes:
        return Consensus(None, 0, 0)
    (value, agreeing), *others = votes.most_common()
    tied = bool(others) and others[0][1] == agreeing
    return Consensus(None if tied else value, sum(votes.values()), agreeing)
