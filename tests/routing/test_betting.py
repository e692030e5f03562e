"""Graded losses: the bound against every order of drawing."""

from itertools import permutations, product

import numpy as np
import pytest

from routing.betting import bound_so_far, upper_bound


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.6])
def test_no_population_breaks_the_bound_more_often_than_alpha(alpha: float) -> None:
    """Every population of 6 with losses 0, .5, 1, every order of 4 draws, at any time."""
    worst = 0.0
    for losses in {tuple(sorted(p)) for p in product([0.0, 0.5, 1.0], repeat=6)}:
        mean = sum(losses) / 6
        orders = list(permutations(losses, 4))
        missed: dict[tuple[float, ...], bool] = {}
        for order in set(orders):
            missed[order] = bool((upper_bound(np.array(order), 6, alpha) < mean - 1e-9).any())
        worst = max(worst, sum(missed[order] for order in orders) / len(orders))
    assert worst <= alpha
    assert worst > 0 or alpha < 0.5  # the test can see a bound that is too low


def test_bound_shrinks_to_the_mean_when_all_are_drawn() -> None:
    rng = np.random.default_rng(0)
    losses = rng.random(400) * (rng.random(400) < 0.2)
    bounds = upper_bound(losses, 400, 0.05)
    assert (np.diff(bounds) <= 0).all()
    assert bounds[-1] == pytest.approx(losses.mean(), abs=0.004)


def test_bound_is_tighter_than_for_draws_with_replacement_and_than_hoeffding() -> None:
    rng = np.random.default_rng(1)
    losses = rng.beta(0.2, 3.0, size=1000)
    few, many, hoeffding = [], [], float(np.sqrt(np.log(1 / 0.05) / 200))
    for _ in range(100):
        drawn = rng.permutation(losses)[:100]
        few.append(upper_bound(drawn, 1000, 0.05)[-1])
        many.append(upper_bound(drawn, 10**9, 0.05)[-1])
    assert np.mean(few) < np.mean(many)
    assert np.mean(few) < losses.mean() + 0.5 * hoeffding
    assert np.mean(np.array(few) < losses.mean()) <= 0.05


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"losses holds 1\.5, but a loss is 0\.\.1"):
        upper_bound(np.array([0.5, 1.5]), 10, 0.05)
    with pytest.raises(ValueError, match="with n up to 1"):
        upper_bound(np.zeros(2), 1, 0.05)
    with pytest.raises(ValueError, match="alpha is 1, but"):
        upper_bound(np.zeros(1), 2, 1)


def test_the_bound_that_is_watched_is_the_one_of_all_moments() -> None:
    rng = np.random.default_rng(7)
    for population, planned in ((40, 40), (60, 20), (3000, 200)):
        for rate in (0.0, 0.1, 0.9, 1.0):
            losses = (rng.random(planned) < rate).astype(np.float64)
            bounds = upper_bound(losses, population, 0.1)
            watched = [
                bound_so_far(losses[:t], population, 0.1, planned=planned)
                for t in range(1, planned + 1)
            ]
            assert watched == pytest.approx(bounds.tolist(), abs=1e-12)


def test_nothing_drawn_says_nothing() -> None:
    assert bound_so_far(np.zeros(0), 100, 0.05, planned=20) == 1.0
    with pytest.raises(ValueError, match="planned is 3, but must be from 5 losses to 100 items"):
        bound_so_far(np.zeros(5), 100, 0.05, planned=3)
    with pytest.raises(ValueError, match="planned is 101"):
        bound_so_far(np.zeros(5), 100, 0.05, planned=101)
