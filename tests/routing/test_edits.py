"""Edit distances against the textbook's table, and where words are compared instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.edits import LONGEST, edit_share


def textbook(a: str, b: str) -> int:
    """Wagner and Fischer's table, cell by cell."""
    row = list(range(len(b) + 1))
    for at, one in enumerate(a, 1):
        above, row = row, [at]
        for place, other in enumerate(b, 1):
            row.append(min(above[place] + 1, row[-1] + 1, above[place - 1] + (one != other)))
    return row[-1]


TEXTS = st.text(alphabet="ab标👍\u0301", max_size=12)


@given(TEXTS, TEXTS)
def test_the_textbook_agrees(a: str, b: str) -> None:
    longer = max(len(a), len(b))
    assert edit_share(a, b) == (textbook(a, b) / longer if longer else 0.0)


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [("flaw", "lawn", 0.5), ("", "", 0.0), ("👩‍👩‍👧", "👩‍👩‍👦", 0.2), ("ab", "ba", 1.0)],
)
def test_written_out(a: str, b: str, share: float) -> None:
    assert edit_share(a, b) == share


def test_long_texts_are_compared_by_words() -> None:
    """Two letters of a word are one change, as many as one letter."""
    words = ["word"] * LONGEST
    a, b = " ".join(words), " ".join(["wort", *words[1:-1], "lord!"])
    assert edit_share(a, b) == 2 / LONGEST
    assert edit_share(a, "") == 1.0
    assert edit_share(a, " ".join(words[: LONGEST // 4])) == 0.75
