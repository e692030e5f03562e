"""Whether a voter is worth hearing: worked examples, and how often a guesser is called bad."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from routing.voter import Verdict, check

Labels = NDArray[np.int64]


def labels(*counts: int) -> Labels:
    """counts[i] items of label i, one label after the other."""
    return np.repeat(np.arange(len(counts)), counts)


EVEN = labels(50, 50)
UNEVEN = labels(190, 10)


@pytest.mark.parametrize(
    ("said", "truth", "k", "verdict"),
    [
        (EVEN, EVEN, 2, "better"),
        (1 - EVEN, EVEN, 2, "worse"),
        (np.zeros(100, int), EVEN, 2, "one answer"),
        (np.tile([0, 1], 50), EVEN, 2, "too few"),  # right on half, as a coin
        (labels(50, 40, 10), labels(30, 40, 30), 3, "better"),
        ((labels(20, 20, 20) + 1) % 3, labels(20, 20, 20), 3, "worse"),
        # 5 of 100 beside the favourite: still one answer; 6: no longer
        (labels(95, 5), EVEN, 2, "one answer"),
        (labels(94, 6), EVEN, 2, "too few"),
        # uneven labels: who finds the few is good, who never says them has one answer
        (UNEVEN, UNEVEN, 2, "better"),
        (np.zeros(200, int), UNEVEN, 2, "one answer"),
        (np.zeros(195, int), labels(190, 5), 2, "too few"),
        (np.zeros(20, int), np.ones(20, int), 2, "worse"),  # whether it says more is not known
        # below always naming the commonest, and yet no guesser
        (np.r_[np.zeros(160, int), np.ones(40, int)], UNEVEN, 2, "better"),
        # a guesser of uneven labels is right more often than a die, and no better for it
        (np.r_[np.zeros(181, int), np.ones(9, int), np.zeros(10, int)], UNEVEN, 2, "one answer"),
        (np.r_[np.zeros(160, int), np.ones(30, int), np.zeros(10, int)], UNEVEN, 2, "too few"),
        (EVEN[:0], EVEN[:0], 2, "too few"),
        (labels(3, 2), labels(3, 2), 2, "too few"),
    ],
)
def test_verdicts(said: Labels, truth: Labels, k: int, verdict: Verdict) -> None:
    assert check(said, truth, k).verdict == verdict


def test_the_numbers() -> None:
    found = check(labels(60, 30, 10), labels(50, 50, 0), 3)
    assert (found.n, found.die) == (100, 1 / 3)
    assert found.right is not None
    # Clopper-Pearson for 80 of 100
    assert (found.right.low, found.right.estimate, found.right.high) == (0.7082, 0.8, 0.8733)
    assert found.dealt == pytest.approx(0.6 * 0.5 + 0.3 * 0.5)
    assert found.chance == pytest.approx(0.45)
    assert (found.commonest, found.commonest_label) == (0.5, 0)
    assert (found.favourite, found.favourite_share) == (0, 0.6)
    assert found.more is None


def test_how_many_more_labels_settle_it() -> None:
    none = check(EVEN[:0], EVEN[:0], 2)
    assert (none.right, none.dealt, none.favourite) == (None, None, None)
    assert none.more == 6  # 0.025 ** (1 / 6) > 1 / 2
    assert check(EVEN[48:52], EVEN[48:52], 2).more == 2
    some = check(np.tile([0, 1, 1, 1, 0], 4), np.tile([0, 1, 1, 0, 1], 4), 2)
    assert some.right is not None
    assert some.right.estimate == 0.6
    assert some.more is not None
    more = np.tile([0, 1, 1, 1, 0], 4 + math.ceil(some.more / 5))
    truth = np.tile([0, 1, 1, 0, 1], 4 + math.ceil(some.more / 5))
    assert check(more, truth, 2).verdict == "better"
    # 3 of 100 beside the favourite: six take twice as many
    assert check(np.zeros(100, int), labels(97, 3), 2).more == 100
    assert check(np.zeros(100, int), labels(100, 0), 2).more is None


def test_a_guesser_is_rarely_called_worse_or_better() -> None:
    """Each with a chance of 2.5 % at most, for a guesser with any habits."""
    rng, runs = np.random.default_rng(20), 400
    verdicts = []
    for _ in range(runs):
        habits, shares = rng.dirichlet([2, 2, 2]), rng.dirichlet([4, 4, 4])
        said, truth = rng.choice(3, 120, p=habits), rng.choice(3, 120, p=shares)
        verdicts.append(check(said, truth, 3))
    allowed = 0.025 + 3 * math.sqrt(0.025 * 0.975 / runs)
    by_habit = [v for v in verdicts if v.dealt is not None and v.dealt >= v.die]
    assert len(by_habit) > 100
    assert sum(v.verdict == "worse" for v in by_habit) / len(by_habit) <= allowed
    assert sum(v.verdict == "better" for v in verdicts) / runs <= allowed


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=40),
    st.permutations(range(4)),
)
def test_names_of_labels_and_order_of_items_do_not_matter(
    pairs: list[tuple[int, int]], renamed: list[int]
) -> None:
    said, truth = (np.array([pair[at] for pair in pairs], int) for at in (0, 1))
    one = check(said, truth, 4)
    names = np.array(renamed)
    other = check(names[said][::-1], names[truth][::-1], 4)
    assert (one.n, one.right) == (other.n, other.right)
    assert one.chance == pytest.approx(other.chance)
    assert one.favourite_share == other.favourite_share
    counts = np.bincount(said, minlength=4)
    if len(pairs) and (counts == counts.max()).sum() == 1:  # equals: the first is the favourite
        assert (one.verdict, one.more) == (other.verdict, other.more)
        assert renamed[one.favourite or 0] == other.favourite


@pytest.mark.parametrize(
    ("said", "truth", "k", "rule"),
    [
        ([0], [0], 1, "k is 1, but there must be at least 2 labels"),
        ([0, 1], [0], 2, "must share one shape"),
        ([[0]], [[0]], 2, "must share one shape"),
        ([2], [0], 2, r"said has labels outside 0\.\.1"),
        ([0], [-1], 2, r"truth has labels outside 0\.\.1"),
    ],
)
def test_what_is_no_input(said: list[int], truth: list[int], k: int, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        check(np.array(said), np.array(truth), k)
