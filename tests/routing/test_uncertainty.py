"""Scores from votes and confidences, against values worked out by hand and a slow reference."""

from collections import Counter
from itertools import permutations
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import uncertainty
from routing.uncertainty import confidence, counts, entropy, entropy_of, majority, margin, shares

NAN = float("nan")
INTS = [np.int8, np.int16, np.int32, np.int64]


@st.composite
def some_votes(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    n, m, k = draw(st.integers(0, 7)), draw(st.integers(0, 9)), draw(st.integers(2, 5))
    row = st.lists(st.integers(-1, k - 1), min_size=m, max_size=m)
    rows = draw(st.lists(row, min_size=n, max_size=n))
    return np.array(rows, dtype=draw(st.sampled_from(INTS))).reshape(n, m), k


def slow_entropy(row: list[int], k: int) -> float:
    valid = Counter(vote for vote in row if vote >= 0)
    total = sum(valid.values())
    return -sum(c / total * log(c / total) for c in valid.values()) / log(k) if total else NAN


def slow_majority(rows: list[list[int]], k: int) -> list[int]:
    overall = Counter(vote for row in rows for vote in row)
    return [
        max(range(k), key=lambda c: (row.count(c), overall[c], -c))
        if max(row, default=-1) >= 0
        else -1
        for row in rows
    ]


@pytest.mark.parametrize(
    ("row", "k", "expected"),
    [
        ([0, 0, 0, 1, 1], 2, 0.970951),  # the paper's f = .6, .4
        ([0, 0, 0, 1, 1], 3, 0.612602),  # .673012 / 1.098612
        ([0, 1, 2, 3], 4, 1.0),
        ([2, 2, 2], 4, 0.0),
        ([0, 0, 1, 1, -1, -1, -1], 4, 0.5),  # the invalid are not a fifth label
        ([3], 4, 0.0),
        ([-1, -1], 4, NAN),
        ([], 4, NAN),
    ],
)
def test_entropy_by_hand(row: list[int], k: int, expected: float) -> None:
    assert entropy(np.array([row], dtype=np.int64), k) == pytest.approx(
        [expected], abs=1e-6, nan_ok=True
    )


@given(some_votes())
def test_entropy_and_majority_agree_with_the_slow_way(case: tuple[np.ndarray, int]) -> None:
    votes, k = case
    expected = [slow_entropy(row, k) for row in votes.tolist()]
    np.testing.assert_allclose(entropy(votes, k), expected, atol=1e-12)
    assert majority(votes, k).tolist() == slow_majority(votes.tolist(), k)


@given(some_votes(), st.randoms(use_true_random=False))
def test_order_of_votes_and_names_of_labels_change_no_bit(
    case: tuple[np.ndarray, int], random: Any
) -> None:
    votes, k = case
    rename = np.array([*random.sample(range(k), k), -1])
    columns = random.sample(range(votes.shape[1]), votes.shape[1])
    renamed = rename[votes[:, columns]]
    np.testing.assert_array_equal(entropy(votes, k), entropy(renamed, k))
    np.testing.assert_array_equal(margin(votes, k), margin(renamed, k))


@given(some_votes())
def test_scores_lie_between_sure_and_unsure(case: tuple[np.ndarray, int]) -> None:
    votes, k = case
    silent = (votes == -1).all(axis=1)
    for score in (entropy(votes, k), margin(votes, k)):
        assert score.shape == (len(votes),)
        np.testing.assert_array_equal(np.isnan(score), silent)
        assert ((score[~silent] >= 0) & (score[~silent] <= 1)).all()


@given(some_votes())
def test_blocks_do_not_show(case: tuple[np.ndarray, int]) -> None:
    votes, k = case
    whole = counts(votes, k), entropy(votes, k), entropy_of(shares(votes, k))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uncertainty, "_BLOCK_CELLS", 1)
        parts = counts(votes, k), entropy(votes, k), entropy_of(shares(votes, k))
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


def test_rounding_does_not_break_ties() -> None:
    """Summed as they come, these give two values each, a last bit apart."""
    orders = sorted(set(permutations([4, 2, 1, 1, 1])))
    votes = np.array([np.repeat(np.arange(5), order) for order in orders])
    assert len(set(entropy(votes, 5).tolist())) == 1
    assert len(set(entropy_of(shares(votes, 5)).tolist())) == 1
    stated = np.array(list(permutations([0.1, 0.2, 0.3])))
    assert len(set(confidence(stated).tolist())) == 1


def test_equal_shares_score_equally_however_many_votes() -> None:
    votes = np.array([[0, 0, 1, 1, 2, 2], [3, 1, 0, -1, -1, -1]], dtype=np.int8)
    first, second = entropy(votes, 4)
    assert first == second


def test_unsigned_votes_and_votes_of_one_prompt() -> None:
    votes = np.array([[3], [0]], dtype=np.uint8)
    assert counts(votes, 5).tolist() == [[0, 0, 0, 1, 0], [1, 0, 0, 0, 0]]
    assert entropy(votes, 5).tolist() == [0.0, 0.0]


def test_shares_are_of_valid_votes() -> None:
    votes = np.array([[0, 2, 2, -1], [-1, -1, -1, -1]])
    np.testing.assert_allclose(shares(votes, 3), [[1 / 3, 0, 2 / 3], [NAN, NAN, NAN]])


def test_a_tie_goes_to_the_more_frequent_label_then_to_the_lower() -> None:
    votes = np.array([[0, 1, -1], [2, 1, -1], [2, 2, 0], [1, 1, 1]])  # overall 2, 5, 3
    assert majority(votes, 3).tolist() == [1, 1, 2, 1]
    assert majority(np.array([[2, 0], [0, 2]]), 3).tolist() == [0, 0]


def test_margin_by_hand() -> None:
    votes = np.array([[0, 0, 0, 1, 2], [0, 0, 1, 1, -1], [-1, 2, 2, 2, 2], [-1] * 5])
    np.testing.assert_allclose(margin(votes, 3), [0.6, 1.0, 0.0, NAN])


def test_confidence_by_hand() -> None:
    stated = np.array([[0.9, 0.6, 0.3], [NAN, 0.8, NAN], [NAN, NAN, NAN], [1.0, 1.0, 1.0]])
    np.testing.assert_allclose(confidence(stated), [0.4, 0.2, NAN, 0.0], atol=1e-12)
    votes = np.array([[0, 1, -1], [0, -1, 1], [0, 0, 0], [-1, -1, -1]])
    np.testing.assert_allclose(confidence(stated, votes=votes), [0.25, NAN, NAN, NAN], atol=1e-12)


def test_entropy_of_probabilities() -> None:
    probs = np.array([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [NAN, NAN, NAN], [0.5, 0.5, 0.0]])
    np.testing.assert_allclose(entropy_of(probs), [0.0, 1.0, NAN, 0.630930], atol=1e-6)
    rounded: Any = np.full((1, 7), 1 / 7, dtype=np.float32)
    assert entropy_of(rounded) == pytest.approx([1.0])


@pytest.mark.parametrize(
    ("votes", "k", "message"),
    [
        (
            np.array([[0, 1, 0], [1, 4, 0]]),
            4,
            r"votes\[1, 1\] is 4, but with k = 4 .* 0\.\.3, or -1",
        ),
        (np.array([[0, -2]]), 2, r"votes\[0, 1\] is -2"),
        (np.array([[200, 1]], dtype=np.uint8), 2, r"votes\[0, 0\] is 200"),
        (np.array([[0, 0]]), 1, "k is 1, but uncertainty needs at least 2 labels"),
        (np.array([0, 1]), 2, r"votes has shape \(2,\), but must be"),
        (np.array([[0.0, 1.0]]), 2, "votes has dtype float64"),
        (np.array([[True, False]]), 2, "votes has dtype bool"),
    ],
)
@pytest.mark.parametrize("function", [counts, shares, majority, entropy, margin])
def test_votes_that_cannot_be(function: Any, votes: np.ndarray, k: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(votes, k)


@pytest.mark.parametrize(
    ("probs", "message"),
    [
        (np.array([0.5, 0.5]), r"probs has shape \(2,\)"),
        (np.array([[1.0]]), "k is 1"),
        (np.array([[0.5, 0.5], [1.5, -0.5]]), r"probs\[1, 0\] is 1.5"),
        (np.array([[0.5, 0.5], [0.5, 0.4]]), r"probs\[1\] sums to 0.9"),
        (np.array([[NAN, 1.0]]), r"probs\[0\] sums to nan"),
        (np.array([[np.inf, 0.0]]), r"probs\[0, 0\] is inf"),
    ],
)
def test_probabilities_that_cannot_be(probs: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        entropy_of(probs)


@pytest.mark.parametrize(
    ("stated", "votes", "message"),
    [
        (np.array([[0.5, 1.2]]), None, r"confidences\[0, 1\] is 1.2, but a confidence is 0..1"),
        (np.array([[-0.1, 1.0]]), None, r"confidences\[0, 0\] is -0.1"),
        (np.array([0.5]), None, r"confidences has shape \(1,\)"),
        (np.array([[0.5, 0.5]]), np.array([[0]]), r"votes has shape \(1, 1\)"),
    ],
)
def test_confidences_that_cannot_be(
    stated: np.ndarray, votes: np.ndarray | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        confidence(stated, votes=votes)
