"""The promise: known critical values, every error pattern and audit of small sets, many audits."""

from collections.abc import Callable
from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from scipy import stats

from routing.certificate import (
    certify,
    certify_each,
    critical_value,
    critical_value_of_rate,
    cut_at,
    fewest_audits,
    too_many,
)

NOTHING = np.zeros(0, dtype=bool)


@pytest.mark.parametrize(
    ("population", "audited", "tolerance", "alpha", "expected"),
    [
        (2000, 200, 0.05, 0.05, 5),
        (2000, 500, 0.05, 0.05, 22),
        (1000, 100, 0.05, 0.05, 1),
        (2000, 200, 0.10, 0.10, 15),
        (500, 50, 0.10, 0.05, 1),
        (2000, 20, 0.05, 0.05, None),
        (2000, 0, 0.05, 0.05, None),
        (100, 96, 0.05, 0.05, 96),  # 4 items are left: fewer than the 6 that break the promise
        (10, 0, 1.0, 0.05, 0),
        (0, 0, 0.05, 0.05, 0),
    ],
)
def test_critical_values(
    population: int, audited: int, tolerance: float, alpha: float, expected: int | None
) -> None:
    assert critical_value(population, audited, tolerance, alpha) == expected


@pytest.mark.parametrize("audited", [60, 150, 400])
def test_critical_value_is_the_last_in_an_unbroken_row(audited: int) -> None:
    """Against another implementation of the distribution."""
    bad = 61  # floor(.05 x 1200) + 1
    at_most = [
        stats.hypergeom.cdf(x, 900, min(bad + x, 900), audited) <= 0.05 for x in range(audited)
    ]
    expected = at_most.index(False) - 1 if at_most[0] else None
    assert critical_value(900, audited, 0.05, 0.05, size=1200) == expected


def one_by_one(hidden: Callable[[int], float], alpha: float) -> int | None:
    """The definition itself: errors are allowed as long as no number before was too many."""
    found = 0
    while hidden(found) <= alpha:
        found += 1
    return found - 1 if found else None


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.3, 0.8])
@pytest.mark.parametrize("population", [1, 2, 7, 12, 30, 55])
def test_looking_by_halves_finds_what_counting_up_finds(population: int, alpha: float) -> None:
    compared = set()
    for tolerance in (0.0, 0.03, 0.1, 0.4):
        bad = too_many(tolerance, population)
        for audited in range(population - bad + 1):
            expected = one_by_one(
                lambda x: comb_at_most(x, population, bad + x, audited),  # noqa: B023
                alpha,
            )
            found = critical_value(population, audited, tolerance, alpha)
            assert found == expected, (audited, tolerance)
            compared.add(found)
    assert population < 30 or len(compared) > 5


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.3, 0.7])
def test_looking_by_halves_finds_the_same_for_tosses_of_a_coin(rate: float) -> None:
    for size, tolerance, alpha in product((10, 55, 300), (0.0, 0.05, 0.2), (0.01, 0.05, 0.6)):
        bad = too_many(tolerance, size)
        expected = one_by_one(lambda x: stats.binom.cdf(x, bad + x, rate), alpha)  # noqa: B023
        assert critical_value_of_rate(rate, tolerance, alpha, size=size) == expected


def test_more_items_that_are_right_allow_more_errors() -> None:
    assert critical_value(1000, 200, 0.05, 0.05) == 6
    assert critical_value(1000, 200, 0.05, 0.05, size=1500) == 11


def test_tolerance_counts_whole_items_in_spite_of_rounding() -> None:
    assert 0.29 * 100 < 29
    assert too_many(0.29, 100) == 30
    assert too_many(0.05, 199) == 10


@pytest.mark.parametrize(("m", "drawn", "tolerance", "alpha"), [
    (7, 3, 0.15, 0.3), (8, 4, 0.25, 0.2), (8, 5, 0.13, 0.5), (9, 4, 0.12, 0.4), (9, 6, 0.0, 0.35),
    (8, 3, 0.25, 0.05),
])  # fmt: skip
def test_never_above_alpha_for_any_error_pattern(
    m: int, drawn: int, tolerance: float, alpha: float
) -> None:
    """Every subset of errors along the order, every audit: exact violation rates, no sampling."""
    critical, bad = critical_value(m, drawn, tolerance, alpha), too_many(tolerance, m)
    draws = list(combinations(range(m), drawn))
    audits = np.zeros((len(draws), m), dtype=bool)
    audits[np.arange(len(draws))[:, None], np.array(draws)] = True
    worst = 0.0
    for errors in product([False, True], repeat=m):
        wrong = np.array(errors)
        left = stays_wrong(audits, wrong, critical)
        worst = max(worst, float((left >= bad).mean()))
    assert worst <= alpha
    if critical is not None and critical < drawn:
        one_more = comb_at_most(critical + 1, m, bad + critical + 1, drawn)
        assert one_more > alpha  # the critical value could not have been larger


def stays_wrong(audits: np.ndarray, wrong: np.ndarray, critical: int | None) -> np.ndarray:
    """Errors left after each audit: (audits, m) and (m,) in frozen order -> (audits,)."""
    if critical is None:
        return np.zeros(len(audits), dtype=np.int64)
    before = np.cumsum(audits & wrong, axis=1) <= critical
    left: np.ndarray = (before & ~audits & wrong).sum(axis=1)
    return left


def test_the_fast_count_of_errors_left_is_the_slow_one() -> None:
    rng = np.random.default_rng(1)
    wrong = rng.random(12) < 0.5
    audits = rng.random((40, 12)) < 0.4
    for critical in [None, 0, 1, 3]:
        slow = [(wrong & ~audit)[: cut_at(audit & wrong, critical)].sum() for audit in audits]
        assert stays_wrong(audits, wrong, critical).tolist() == slow


def comb_at_most(x: int, m: int, errors: int, drawn: int) -> float:
    ways = sum(comb(errors, i) * comb(m - errors, drawn - i) for i in range(x + 1))
    return ways / comb(m, drawn)


def violations(wrong: np.ndarray, drawn: int, tolerance: float, alpha: float, runs: int) -> float:
    """Share of audits after which too many errors stay: all at once, wrong (m,) in frozen order."""
    rng = np.random.default_rng(7)
    m = len(wrong)
    critical = critical_value(m, drawn, tolerance, alpha)
    assert critical is not None
    rank = rng.random((runs, m))
    audited = rank <= np.partition(rank, drawn - 1, axis=1)[:, drawn - 1 : drawn]
    left = stays_wrong(audited, wrong, critical)
    return float((left >= too_many(tolerance, m)).mean())


@pytest.mark.parametrize(
    ("m", "drawn", "tolerance"), [(1000, 200, 0.05), (1000, 120, 0.1), (2000, 300, 0.05)]
)
@pytest.mark.parametrize("kind", ["all early", "more and more", "everywhere"])
def test_violations_are_near_alpha_and_not_above(
    m: int, drawn: int, tolerance: float, kind: str
) -> None:
    rng = np.random.default_rng(len(kind))
    chance = {
        "all early": np.where(np.arange(m) < 2.5 * tolerance * m, 0.9, 0.0),
        "more and more": np.linspace(0, 0.9, m),
        "everywhere": np.full(m, 0.3),
    }[kind]
    wrong = rng.random(m) < chance
    runs = 3_000
    rate = violations(wrong, drawn, tolerance, 0.05, runs)
    assert 0.02 <= rate <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_few_errors_are_never_a_violation() -> None:
    wrong = np.zeros(1000, dtype=bool)
    wrong[::20] = True  # 50 of 1,000: exactly the tolerance
    assert violations(wrong, 200, 0.05, 0.05, 500) == 0.0


def test_certify_by_hand() -> None:
    order = np.array([4, 2, 0, 3, 1, 5, 7, 6])
    audited = np.zeros(8, dtype=bool)
    audited[[2, 3, 7, 6, 5]] = True  # in the order's places 1, 3, 6, 7, 5
    wrong = np.zeros(8, dtype=bool)
    wrong[[3, 7, 0]] = True  # what is said of item 0 is not known to anyone
    promise = certify(order, audited, wrong, tolerance=0.13, alpha=0.5, size=10)
    # r = 2; P(none of 2 drawn) = 3/28 <= .5; P(at most 1 of 3) = (1 + 15) / 56 <= .5;
    # P(at most 2 of 4) = (6 * 4 + 4 * 1) / 56 = .5 <= .5; P(at most 3 of 5) > .5
    assert promise.critical == 2
    assert (promise.errors, promise.audited, promise.cut) == (2, 5, 8)
    assert promise.machine.tolist() == [True, True, False, False, True, False, False, False]
    assert promise.human_share == pytest.approx(0.7)
    stricter = certify(order, audited, wrong, tolerance=0.13, alpha=0.15, size=10)
    assert (stricter.critical, stricter.cut, stricter.more_audits) == (0, 3, 0)
    assert stricter.machine.tolist() == [True, False, False, False, True, False, False, False]


@pytest.mark.parametrize("drawn", [0, 10, 20, 40, 55])
def test_too_small_an_audit_sends_everything_to_people(drawn: int) -> None:
    m = 1000
    audited = np.zeros(m, dtype=bool)
    audited[:drawn] = True
    promise = certify(np.arange(m), audited, np.zeros(m, dtype=bool), tolerance=0.05, alpha=0.05)
    assert promise.critical is None
    assert promise.cut == 0
    assert not promise.machine.any()
    assert promise.human_share == 1.0
    assert promise.more_audits == 56 - drawn


def test_the_fewest_audits_are_the_first_that_certify() -> None:
    for m, tolerance in [(1000, 0.05), (300, 0.1), (50, 0.02), (7, 0.3)]:
        fewest = fewest_audits(m, tolerance, 0.05)
        assert critical_value(m, fewest, tolerance, 0.05) is not None
        assert fewest == 0 or critical_value(m, fewest - 1, tolerance, 0.05) is None


def test_nothing_to_label_is_promised_at_once() -> None:
    promise = certify(
        np.zeros(0, dtype=np.int64), NOTHING, NOTHING, tolerance=0.05, alpha=0.05, size=40
    )
    assert (promise.cut, promise.human_share) == (0, 1.0)


def test_coin_toss_audits_never_break_more_often_than_alpha() -> None:
    rate, tolerance, alpha, m = 0.4, 0.2, 0.3, 10
    critical, bad = critical_value_of_rate(rate, tolerance, alpha, size=m), too_many(tolerance, m)
    assert critical == 0  # .6^3 = .216, but P(at most 1 of 4) = .6^4 + 4 * .4 * .6^3 = .4752
    worst = 0.0
    audits = np.array(list(product([False, True], repeat=m)))
    chance = rate ** audits.sum(axis=1) * (1 - rate) ** (~audits).sum(axis=1)
    for count in range(m + 1):
        wrong = np.arange(m) < count
        left = stays_wrong(audits, wrong, critical)
        worst = max(worst, float(chance[left >= bad].sum()))
    assert worst <= alpha


def test_certify_takes_the_rate_of_a_coin_toss_audit() -> None:
    m = 2000
    audited = np.zeros(m, dtype=bool)
    audited[::10] = True
    wrong = np.zeros(m, dtype=bool)
    wrong[[10 * i for i in range(20, 30)]] = True
    promise = certify(np.arange(m), audited, wrong, tolerance=0.05, alpha=0.05, rate=0.1)
    assert promise.critical == critical_value_of_rate(0.1, 0.05, 0.05, size=2000) == 5
    assert promise.cut == 250
    assert int(promise.machine.sum()) == 225


def test_each_label_gets_a_promise_of_its_own() -> None:
    m = 1200
    labels = np.where(np.arange(m) % 3 == 0, 2, 0)  # 400 items are called 2, 800 are called 0
    labels[:5] = -1
    audited = np.zeros(m, dtype=bool)
    audited[5:900:2] = True
    wrong = np.zeros(m, dtype=bool)
    wrong[labels == 2] = True
    promises = certify_each(np.arange(m), labels, audited, wrong, tolerance=0.1, alpha=0.1)
    assert sorted(promises) == [0, 2]
    assert promises[0].population == 797
    assert promises[2].population == 398
    assert promises[0].alpha == pytest.approx(0.05)
    assert promises[0].cut == 797
    assert promises[2].cut < 150
    assert promises[2].errors == int((audited & (labels == 2)).sum())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tolerance": 1.5}, r"tolerance is 1\.5, but must be 0\.\.1"),
        ({"alpha": 0.0}, r"alpha is 0\.0, but must be between 0 and 1"),
        ({"size": 3}, "audited is 0, population 4 and size 3"),
        ({"order": np.array([0, 1, 2, 2])}, r"order must name each of the items 0\.\.m-1 once"),
        ({"wrong": np.zeros(3, dtype=bool)}, r"wrong \(3,\) must have one entry per item"),
        ({"audited": np.zeros(4)}, r"audited \(float64\) and wrong \(bool\) must be masks"),
    ],
)
def test_bad_input_is_refused(change: dict[str, object], message: str) -> None:
    good: dict[str, object] = {
        "order": np.arange(4),
        "audited": np.zeros(4, dtype=bool),
        "wrong": np.zeros(4, dtype=bool),
        "tolerance": 0.1,
        "alpha": 0.05,
        "size": 4,
    }
    with pytest.raises(ValueError, match=message):
        certify(**(good | change))  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ValueError, match="rate is"):
        critical_value_of_rate(rate, 0.05, 0.05, size=100)
