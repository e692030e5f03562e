"""Two ways on the same items: the interval covers what it should, at the edges too."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from routing.paired import by_chance, difference, items_to_tell


def score(n: int, won: int, lost: int, delta: float) -> float:
    """The score test from its definition: the likeliest share is searched for, not solved for."""

    def unlikely(q: float) -> float:
        shares = [(won, q + delta), (lost, q), (n - won - lost, 1 - 2 * q - delta)]
        return -sum(count * math.log(max(share, 1e-300)) for count, share in shares)

    room = (max(0.0, -delta) + 1e-12, (1 - delta) / 2 - 1e-12)
    q = minimize_scalar(unlikely, bounds=room, method="bounded", options={"xatol": 1e-12}).x
    return float((won - lost - n * delta) / math.sqrt(n * (2 * q + delta * (1 - delta))))


@pytest.mark.parametrize(("n", "won", "lost"), [(50, 12, 2), (100, 3, 9), (40, 5, 5), (60, 4, 0)])
def test_its_ends_are_where_the_score_test_just_refutes(n: int, won: int, lost: int) -> None:
    found = difference(n, won, lost)
    assert score(n, won, lost, found.low) == pytest.approx(1.959964, abs=1e-3)
    assert score(n, won, lost, found.high) == pytest.approx(-1.959964, abs=1e-3)
    assert found.low < found.estimate < found.high


def test_the_approval_of_a_prime_minister() -> None:
    """Agresti's table of 1,600 people asked twice: 150 turned away, 86 came."""
    found = difference(1600, 86, 150)
    assert (found.low, found.estimate, found.high) == pytest.approx(
        (-0.0590, -0.04, -0.0214), abs=5e-5
    )


def test_nothing_changed_is_no_certainty() -> None:
    found = difference(30, 0, 0)
    assert (found.low, found.high) == pytest.approx((-0.1135, 0.1135), abs=1e-4)
    assert difference(10, 10, 0).high == pytest.approx(1.0)


@pytest.mark.parametrize(("won", "lost", "n"), [(0.05, 0.02, 50), (0.1, 0.1, 100), (0.2, 0.05, 40)])
def test_it_covers_the_truth(won: float, lost: float, n: int) -> None:
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(n, [won, lost, 1 - won - lost], size=2000)
    known = {pair: difference(n, *pair) for pair in {(int(b), int(c)) for b, c, _ in drawn}}
    inside = [known[int(b), int(c)] for b, c, _ in drawn]
    covered = np.mean([one.low <= won - lost <= one.high for one in inside])
    assert covered >= 0.95 - 0.01 - 3 * math.sqrt(0.05 * 0.95 / 2000)


def test_the_chance_of_a_split() -> None:
    assert by_chance(9, 2) == pytest.approx(2 * (1 + 11 + 55) / 2**11)
    assert by_chance(0, 0) == 1.0


def test_how_many_items_would_tell() -> None:
    assert items_to_tell(100, 6, 3) == math.ceil(1.959964**2 * (0.09 - 0.03**2) / 0.03**2)
    assert items_to_tell(100, 3, 3) is None


@pytest.mark.parametrize("bad", [(0, 0, 0), (5, 4, 2), (5, -1, 0)])
def test_counts_that_cannot_be(bad: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="each item counts once"):
        difference(*bad)
