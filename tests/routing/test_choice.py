"""Each step of chance against all that can happen, and against the numbers it says."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.choice import by_chance, lower_digits, most_unsure, spread_out
from routing.draws import pairs, uniform

LEVELS = [0.1, 0.4, 0.8, 0.8, 0.9]


def orders(n: int) -> list[np.ndarray]:
    """Every order of n items, as draws."""
    return [(np.array(order) + 0.5) / n for order in permutations(range(n))]


@given(
    st.lists(st.tuples(st.sampled_from(LEVELS), st.integers(-1, 1)), min_size=1, max_size=4),
    st.integers(0, 4),
    st.sampled_from([0.25, 0.5, 0.75, 1.0]),
)
def test_chance_of_spreading_out_is_the_mean_over_all_draws(
    items: list[tuple[float, int]], size: int, keep: float
) -> None:
    """Who stands first in a group, and who wins the cut, drawn in every possible way."""
    scores, groups = np.array([s for s, _ in items]), np.array([g for _, g in items])
    nobody = np.zeros(len(items), dtype=bool)
    sent = np.zeros(len(items))
    ways = [(a, b) for a in orders(len(items)) for b in orders(len(items))]
    for order, ranks in ways:
        chosen = spread_out(scores, groups, order, ranks, nobody, size=size, keep=keep)
        assert chosen[0].sum() == min(size, len(items))
        sent += chosen[0]
    np.testing.assert_allclose(chosen[1], sent / len(ways), atol=1e-12)


@given(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=8), st.integers(0, 8))
def test_without_groups_nothing_is_put_off(levels: list[float], size: int) -> None:
    scores, n = np.array(levels), len(levels)
    order, ranks = pairs(np.arange(n, dtype=np.uint64), seed=3).T
    nobody, alone = np.zeros(n, dtype=bool), np.full(n, -1)
    plain = most_unsure(scores, order, nobody, size)
    spread = spread_out(scores, alone, order, ranks, nobody, size=size, keep=0.5)
    same = spread_out(scores, np.zeros(n, dtype=int), order, ranks, nobody, size=size, keep=1.0)
    for other in (spread, same):
        assert other[0].sum() == plain[0].sum()
        np.testing.assert_allclose(other[1], plain[1])
    assert spread[0].tolist() == plain[0].tolist()


def test_a_group_is_put_off_but_never_lost() -> None:
    """Ten near-duplicates of risk .9 and five other items of .5: two of the ten, then the five."""
    scores = np.array([0.9] * 10 + [0.5] * 5)
    groups = np.array([4] * 10 + [-1] * 5)
    order, ranks = pairs(np.arange(15, dtype=np.uint64), seed=0).T
    people = np.zeros(15, dtype=bool)
    taken = []
    for size in (1, 6, 7, 15):
        sent, _ = spread_out(scores, groups, order, ranks, people, size=size, keep=0.5)
        taken.append((int(sent[:10].sum()), int(sent[10:].sum())))
    assert taken == [(1, 0), (1, 5), (2, 5), (10, 5)]
    people[:3] = True  # a batch later, three of the group are answered: the next counts fully
    sent, _ = spread_out(scores, groups, order, ranks, people, size=4, keep=0.5)
    assert sent[:10].sum() == 4


def test_exploring_draws_uniformly_from_those_not_chosen() -> None:
    chosen = np.array([True, False, False, False]), np.array([1.0, 0.5, 0.5, 0.0])
    candidates = np.array([True, True, True, False])
    (sent, chance), drawn = by_chance(chosen, candidates, 1, np.array([0.0, 0.6, 0.3, 0.1]))
    assert drawn.tolist() == [False, False, True, False]
    assert sent.tolist() == [True, False, True, False]
    assert chance.tolist() == [1.0, 0.75, 0.75, 0.0]  # 1/2 + 1/2 * 1/2; the last is no candidate
    (everyone, _), _ = by_chance(chosen, candidates, 9, np.zeros(4))
    assert everyone.tolist() == [True, True, True, False]
    assert by_chance(chosen, candidates, -1, np.zeros(4))[0] is chosen


def test_lower_digits_are_uniform_whatever_the_upper_ones_are() -> None:
    u = uniform(np.arange(40_000, dtype=np.uint64), seed=5)
    for part in (u < 0.1, u > 0.9, np.ones(len(u), dtype=bool)):
        lower = lower_digits(u[part])
        counts = np.histogram(lower, bins=10, range=(0, 1))[0] / part.sum()
        noise = np.sqrt(0.1 * 0.9 / part.sum())
        assert (np.abs(counts - 0.1) < 4 * noise).all()
    assert lower_digits(np.array([0.75, 0.75 + 2**-27])) == pytest.approx([0.0, 0.5])
