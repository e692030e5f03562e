"""The calibrator: monotone, honest on new items, and the two measures by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calibration import Sigmoid, brier, calibration_error, platt

NAN = float("nan")


def overconfident(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores that say less than half of the true chance."""
    rng = np.random.default_rng(seed)
    scores = rng.random(n) * 0.4
    return scores, rng.random(n) < 0.1 + 2 * scores


def test_new_items_get_honest_numbers() -> None:
    calibrator = platt(*overconfident(1500, 0))
    scores, wrong = overconfident(4000, 1)
    honest = calibrator.apply(scores)
    assert calibration_error(scores, wrong) > 0.25
    assert calibration_error(honest, wrong) < 0.05
    assert brier(honest, wrong) < brier(scores, wrong) - 0.05


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_the_order_of_items_stays(cases: list[tuple[float, bool]]) -> None:
    scores = np.array([case[0] for case in cases])
    wrong = np.array([case[1] for case in cases])
    grid = np.linspace(0, 1, 50)
    chances = platt(scores, wrong).apply(grid)
    assert (np.diff(chances) >= 0).all()
    assert ((chances >= 0) & (chances <= 1)).all()


def test_few_labels_that_agree_give_no_certainty() -> None:
    fitted = platt(np.array([0.2, 0.4, 0.6]), np.array([False, False, False]))
    assert isinstance(fitted, Sigmoid)
    assert fitted.apply(np.array([0.4])) == pytest.approx([0.2], abs=1e-3)  # 1 / (3 + 2)


def test_a_score_that_says_the_opposite_is_flattened() -> None:
    scores = np.linspace(0, 1, 100)
    fitted = platt(scores, scores < 0.5)
    assert fitted.slope == 0.0
    assert fitted.apply(scores) == pytest.approx([0.5] * 100, abs=1e-3)


def test_measures_by_hand() -> None:
    chances, wrong = np.array([0.0, 0.5, 1.0, 0.25]), np.array([False, True, True, True])
    assert brier(chances, wrong) == pytest.approx((0 + 0.25 + 0 + 0.5625) / 4)
    # two bins: {0, .25}: says .125, is .5; {.5, 1}: says .75, is 1
    assert calibration_error(chances, wrong, bins=2) == pytest.approx(0.375 / 2 + 0.25 / 2)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"scores \(2,\) and wrong \(1,\) must share one shape"):
        platt(np.zeros(2), np.array([True]))
    with pytest.raises(ValueError, match="n above 0"):
        platt(np.zeros(0), np.zeros(0, dtype=bool))
    with pytest.raises(ValueError, match="scores holds NaN"):
        brier(np.array([NAN]), np.array([True]))
    with pytest.raises(ValueError, match="bins is 0"):
        calibration_error(np.zeros(1), np.array([True]), bins=0)
