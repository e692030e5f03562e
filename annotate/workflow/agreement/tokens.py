"""Spans as labels of tokens, in arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from annotate.agreement import counts
from annotate.agreement.bootstrap import Ints
from annotate.agreement.spans import Span, token_labels, tokens
from annotate.model import Value
from annotate.workflow.agreement.groups import Group

Marked = list[tuple[int, int]]
"""(token, what it is marked as), by number."""


class Tokens:
    """All tokens of these texts. owner: token -> place of its item; kinds: marks -> number."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self.texts = texts
        self.kinds: dict[tuple[str, ...], int] = {}
        self.owner: list[int] = []
        self._cut = {item: tokens(text) for item, text in texts.items()}
        self._starts: dict[int, int] = {}
        for place, (item, cut) in enumerate(self._cut.items()):
            self._starts[item] = len(self.owner)
            self.owner += [place] * len(cut)

    def add(self, group: Group, values: Sequence[Value]) -> Marked:
        """What each answer of a group marks each token as."""
        found: Marked = []
        for item, number in zip(group.items.tolist(), group.values.tolist(), strict=True):
            if item in self._cut and values[number] is not None:
                marks = token_labels(self._cut[item], spans_of(values[number]))
                found += (
                    (self._starts[item] + at, self.kinds.setdefault(one, len(self.kinds)))
                    for at, one in enumerate(marks)
                )
        return found

    def counts(self, marked: Marked) -> Ints:
        """(tokens, kinds) counts."""
        both = np.array(marked, dtype=np.int64).reshape(-1, 2)
        return counts(both[:, 0], both[:, 1], len(self.owner), len(self.kinds))


def spans_of(value: Any) -> list[Span]:
    return [(span["start"], span["end"], span["label"]) for span in value]
