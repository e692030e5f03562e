"""Intervals: known values, and how often they cover the truth when the draw is repeated."""

import numpy as np
import pytest
from scipy import stats

from routing.estimate import Interval, binomial, class_shares, of_mixed, of_population

RUNS = 1_500


def coverage_floor(level: float, runs: int = RUNS) -> float:
    return level - 3 * float(np.sqrt(level * (1 - level) / runs))


def test_population_against_every_possible_number_of_errors() -> None:
    """The interval holds exactly the numbers that a two-sided test would not reject."""
    population, audited, found = 60, 20, 3
    kept = [
        bad
        for bad in range(population + 1)
        if stats.hypergeom.cdf(found, population, bad, audited) > 0.025
        and stats.hypergeom.sf(found - 1, population, bad, audited) > 0.025
    ]
    interval = of_population(population, audited, found)
    assert interval.low == pytest.approx(kept[0] / population)
    assert interval.high == pytest.approx(kept[-1] / population)
    assert interval.estimate == 0.15


@pytest.mark.parametrize("bad", [0, 1, 6, 30, 59, 60])
def test_population_interval_covers_exactly_computed(bad: int) -> None:
    population, audited = 60, 20
    covered = sum(
        stats.hypergeom.pmf(found, population, bad, audited)
        for found in range(audited + 1)
        if (shown := of_population(population, audited, found)).low
        <= bad / population
        <= shown.high + 1e-12
    )
    assert covered >= 0.95


def test_a_full_audit_leaves_no_doubt() -> None:
    assert of_population(50, 50, 7) == Interval(0.14, 0.14, 0.14)


@pytest.mark.parametrize(
    ("found", "audited", "low", "high"),
    [(5, 100, 0.016432, 0.112835), (0, 20, 0.0, 0.168433), (20, 20, 0.831567, 1.0)],
)
def test_binomial_known_values(found: int, audited: int, low: float, high: float) -> None:
    interval = binomial(found, audited)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-6)


def mixed_set(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Errors (n,) and propensities (n,): unsure items are certain to be labelled, or likely."""
    score = rng.random(600)
    wrong = (rng.random(600) < 0.4 * score).astype(np.float64)
    return wrong, np.where(score > 0.8, 1.0, np.where(score > 0.5, 0.4, 0.1))


def test_mixed_sets_are_covered() -> None:
    rng = np.random.default_rng(0)
    wrong, propensity = mixed_set(rng)
    hits, means = 0, []
    for _ in range(RUNS):
        labelled = rng.random(600) < propensity
        shown = of_mixed(np.where(labelled, wrong, np.nan), labelled, propensity)
        hits += shown.low <= wrong.mean() <= shown.high
        means.append(shown.estimate)
    assert hits / RUNS >= coverage_floor(0.95)
    assert np.mean(means) == pytest.approx(wrong.mean(), abs=0.005)


def test_the_plain_mean_of_what_people_labelled_is_too_high() -> None:
    rng = np.random.default_rng(1)
    wrong, propensity = mixed_set(rng)
    plain = [wrong[rng.random(600) < propensity].mean() for _ in range(200)]
    assert np.mean(plain) > wrong.mean() + 0.05


def test_rare_errors_are_covered_though_often_none_is_seen() -> None:
    rng = np.random.default_rng(2)
    wrong = np.zeros(400)
    wrong[:8] = 1.0
    propensity = np.full(400, 0.1)
    hits = 0
    for _ in range(RUNS):
        labelled = rng.random(400) < propensity
        shown = of_mixed(wrong, labelled, propensity)
        hits += shown.low <= 0.02 <= shown.high
    assert hits / RUNS >= coverage_floor(0.95)


def test_mixed_by_hand() -> None:
    values = np.array([1.0, 0.0, 1.0, 0.0, np.nan])
    labelled = np.array([True, True, True, True, False])
    everything = of_mixed(values[:4], labelled[:4], np.ones(4))
    assert everything == Interval(0.5, 0.5, 0.5)
    shown = of_mixed(values, labelled, np.array([1.0, 1.0, 0.5, 0.25, 0.5]))
    # two are certain with one error; the other three are wrong at a rate (2 * 1 + 4 * 0) / 6
    assert shown.estimate == pytest.approx((1 + 3 * (2 / 6)) / 5)
    nothing = of_mixed(np.array([1.0, np.nan]), np.array([True, False]), np.array([1.0, 0.5]))
    assert (nothing.low, nothing.high) == (0.5, 1.0)


def shares_case(seed: int, bias: float) -> tuple[np.ndarray, np.ndarray]:
    """Truth (n,) and predictions (n, 3) that favour class 0 by `bias`."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, size=2000, p=[0.2, 0.3, 0.5])
    said = np.where(rng.random(2000) < 0.8, truth, rng.integers(0, 3, size=2000))
    said = np.where(rng.random(2000) < bias, 0, said)
    return truth, np.eye(3)[said]


@pytest.mark.parametrize("bias", [0.0, 0.4])
def test_class_shares_are_covered_and_beat_people_alone(bias: float) -> None:
    truth, predicted = shares_case(0, bias)
    actual = np.bincount(truth, minlength=3) / 2000
    rng = np.random.default_rng(1)
    hits, width, alone = np.zeros(3), 0.0, 0.0
    for _ in range(RUNS):
        drawn = rng.choice(2000, size=150, replace=False)
        human = np.full(2000, -1)
        human[drawn] = truth[drawn]
        shown = class_shares(predicted, human)
        hits += [part.low <= share <= part.high for part, share in zip(shown, actual, strict=True)]
        width += shown[2].high - shown[2].low
        mean = (truth[drawn] == 2).mean()
        alone += 2 * 1.96 * np.sqrt(mean * (1 - mean) / 150 * (1 - 150 / 2000))
    assert (hits / RUNS >= coverage_floor(0.95)).all()
    assert width < 0.9 * alone


def test_class_shares_sum_to_one_and_do_not_need_a_good_model() -> None:
    truth, _ = shares_case(0, 0.0)
    human = np.where(np.arange(2000) < 100, truth, -1)
    useless = np.tile([1.0, 0.0, 0.0], (2000, 1))
    shown = class_shares(useless, human)
    assert [part.estimate for part in shown] == pytest.approx(
        np.bincount(truth[:100], minlength=3) / 100
    )
    assert sum(part.estimate for part in shown) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("found", "audited", "population", "message"),
    [
        (3, 2, 10, "found is 3, audited 2 and population 10"),
        (0, 0, 10, "with at least one audited"),
        (1, 11, 10, "audited 11 and population 10"),
    ],
)
def test_impossible_audits_are_refused(
    found: int, audited: int, population: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        of_population(population, audited, found)


def test_bad_input_is_refused() -> None:
    ones, yes = np.ones(2), np.array([True, True])
    with pytest.raises(ValueError, match=r"level is 95, but must be between 0 and 1"):
        binomial(1, 10, level=95)
    with pytest.raises(ValueError, match="found is 3 of 2 audited"):
        binomial(3, 2)
    with pytest.raises(ValueError, match=r"propensity \(3,\) must share one shape"):
        of_mixed(ones, yes, np.ones(3))
    with pytest.raises(ValueError, match=r"propensity holds 0\.0"):
        of_mixed(ones, yes, np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match="item 1 has propensity 1 and no label"):
        of_mixed(ones, np.array([True, False]), ones)
    with pytest.raises(ValueError, match=r"values holds 2\.0"):
        of_mixed(2 * ones, yes, ones)
    with pytest.raises(ValueError, match="at least 3 labels, but there are 2"):
        class_shares(np.ones((4, 2)) / 2, np.array([0, 1, -1, -1]))
