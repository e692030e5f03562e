"""The error curve against every possible order of tiny sets, and against values by hand."""

from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.draws import pairs
from routing.policies.budget import Budget
from routing.simulate import area, curve

NAN = float("nan")


def brute_force(scores: list[float], wrong: list[bool]) -> np.ndarray:
    """Mean error after 0..n items over all orders that respect the scores: (n + 1,)."""
    n = len(scores)
    ranks = [np.inf if np.isnan(score) else score for score in scores]
    left = [
        [sum(wrong[item] for item in order[taken:]) / n for taken in range(n + 1)]
        for order in permutations(range(n))
        if all(ranks[a] >= ranks[b] for a, b in pairwise(order))
    ]
    expected: np.ndarray = np.array(left).mean(axis=0)
    return expected


@st.composite
def tiny_sets(draw: st.DrawFn) -> tuple[list[float], list[bool]]:
    n = draw(st.integers(1, 6))
    scores = st.lists(st.sampled_from([0.0, 0.3, 0.8, NAN]), min_size=n, max_size=n)
    return draw(scores), draw(st.lists(st.booleans(), min_size=n, max_size=n))


@given(tiny_sets())
def test_curve_and_area_are_the_mean_over_all_orders(case: tuple[list[float], list[bool]]) -> None:
    scores, wrong = np.array(case[0]), np.array(case[1])
    n = len(scores)
    expected = brute_force(*case)
    whole = curve(scores, wrong, shares=np.arange(n + 1) / n)
    np.testing.assert_allclose(whole, expected, atol=1e-12)
    assert area(scores, wrong) == pytest.approx(np.trapezoid(expected) / n, abs=1e-12)


def test_curve_by_hand() -> None:
    scores = np.array([0.5, 0.5, 0.5, 0.9, 0.1])
    wrong = np.array([True, True, False, False, True])
    shares = [0.0, 0.2, 0.3, 0.4, 0.8, 1.0]  # the level of .5 lies between .2 and .8
    expected = [0.6, 0.6, 0.6 - 0.4 / 6, 0.6 - 0.4 / 3, 0.2, 0.0]
    np.testing.assert_allclose(curve(scores, wrong, shares=shares), expected)
    # .6 * .2 + (.6 + .2) / 2 * .6 + .2 / 2 * .2
    assert area(scores, wrong) == pytest.approx(0.12 + 0.24 + 0.02)


@given(tiny_sets())
def test_no_order_beats_the_oracle_and_random_is_half_the_error(
    case: tuple[list[float], list[bool]],
) -> None:
    scores, wrong = np.array(case[0]), np.array(case[1])
    best, worst = area(wrong.astype(float), wrong), area(1.0 - wrong, wrong)
    assert best - 1e-12 <= area(scores, wrong) <= worst + 1e-12
    assert area(np.zeros(len(wrong)), wrong) == pytest.approx(wrong.mean() / 2)


def test_budget_leaves_the_error_that_the_curve_foretells() -> None:
    n, runs = 19, 1000
    scores = np.arange(n) // 4 / 4  # 9 items: 3 at 1, 4 at .75, and 2 of the 4 at .5
    wrong = np.arange(n) % 3 == 0
    keys = np.arange(n, dtype=np.uint64)
    left = np.empty(runs)
    for seed in range(runs):
        draws = pairs(keys, seed=seed)
        accept = (
            Budget(items=9, audit_rate=0.0).route(scores, draws, np.zeros(n, dtype=bool)).accept
        )
        left[seed] = (wrong & accept).sum() / n
    expected = curve(scores, wrong, shares=[9 / n])[0]
    assert left.std() > 0.01
    assert abs(left.mean() - expected) <= 4 * left.std() / np.sqrt(runs)


@pytest.mark.parametrize(
    ("scores", "wrong", "shares", "message"),
    [
        (np.zeros(3), np.zeros(2, dtype=bool), [0.5], r"scores \(3,\) and wrong \(2,\) must share"),
        (np.zeros((2, 3)), np.zeros((2, 3), dtype=bool), [0.5], "must share one shape"),
        (np.zeros(0), np.zeros(0, dtype=bool), [0.5], "scores is empty"),
        (np.zeros(2), np.zeros(2), [0.5], "wrong has dtype float64"),
        (np.zeros(2), np.zeros(2, dtype=bool), [0.5, 1.5], "shares holds 1.5"),
        (np.zeros(2), np.zeros(2, dtype=bool), [NAN], "shares holds nan"),
        (np.zeros(2), np.zeros(2, dtype=bool), [[0.5]], r"shares has shape \(1, 1\)"),
    ],
)
def test_arguments_that_cannot_be(scores: Any, wrong: Any, shares: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        curve(scores, wrong, shares=shares)
