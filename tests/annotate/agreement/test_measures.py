"""The measures against slow words of their definitions, and what must hold of any answers."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, permutations, product
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from annotate.agreement import (
    Estimate,
    Measure,
    Undefined,
    alpha,
    alpha_across,
    bradley_terry,
    cohen_kappa,
    counts,
    fleiss_kappa,
    gwet_ac,
    gwet_ac_across,
    percent,
    percent_across,
    win_rates,
)
from annotate.agreement.bootstrap import alike, at, drawn
from annotate.agreement.distances import Weighting, interval, masi, nominal, weights
from annotate.agreement.spans import exact, partial, token_labels, tokens
from annotate.agreement.tables import one_against_rest, pairs_of_raters

Units = list[list[int]]


@st.composite
def units(draw: st.DrawFn, k: int = 4) -> Units:
    """Answers of each item, classes 0..k-1; items may have one answer or none."""
    one = st.lists(st.integers(0, k - 1), min_size=0, max_size=4)
    return draw(st.lists(one, min_size=1, max_size=12))


def table(found: Units, k: int = 4) -> NDArray[np.int64]:
    return np.array([[unit.count(c) for c in range(k)] for unit in found]).reshape(-1, k)


def close(measure: Measure, expected: float | None) -> None:
    if expected is None:
        assert isinstance(measure, Undefined)
        assert measure.reason
    else:
        assert isinstance(measure, Estimate), measure
        assert measure.value == pytest.approx(expected, abs=1e-9)


def slow_alpha(found: Units, far: NDArray[np.float64] | None, k: int = 4) -> float | None:
    """By pairs, as Krippendorff defines it; far: None for the ordinal distance."""
    pairable = [unit for unit in found if len(unit) >= 2]
    said = Counter(c for unit in pairable for c in unit)
    n = said.total()
    if far is None:
        far = np.zeros((k, k))
        for c, other in product(range(k), repeat=2):
            low, high = min(c, other), max(c, other)
            between = sum(said[g] for g in range(low, high + 1))
            far[c, other] = (between - (said[c] + said[other]) / 2) ** 2 if c != other else 0
    observed = sum(
        far[a, b] / (len(unit) - 1) for unit in pairable for a, b in permutations(unit, 2)
    )
    everything = [c for unit in pairable for c in unit]
    expected = sum(far[a, b] for a, b in permutations(everything, 2))
    return 1 - float(observed) * (n - 1) / float(expected) if expected else None


@given(units())
def test_alpha_is_what_its_definition_says(found: Units) -> None:
    rows = table(found)
    scale = np.array([0.0, 1.0, 3.0, 4.0])
    close(alpha(rows, draws=0), slow_alpha(found, nominal(4)))
    close(alpha(rows, interval(scale), draws=0), slow_alpha(found, interval(scale)))
    close(alpha(rows, "ordinal", draws=0), slow_alpha(found, None))


@given(units(), st.permutations(range(4)), st.integers(0, 1000))
def test_names_and_order_do_not_matter(found: Units, names: list[int], seed: int) -> None:
    rows = table(found)
    mixed = np.random.default_rng(seed).permutation(rows[:, names])
    for measure in (alpha, fleiss_kappa, gwet_ac):
        one, other = measure(rows, draws=0), measure(mixed, draws=0)
        assert type(one) is type(other)
        if isinstance(one, Estimate) and isinstance(other, Estimate):
            assert one.value == pytest.approx(other.value, abs=1e-9)
            assert one.value <= 1 + 1e-12


@given(units())
def test_the_same_items_twice_change_nothing_but_the_interval(found: Units) -> None:
    rows = table(found)
    for measure in (fleiss_kappa, gwet_ac):
        one, other = measure(rows, draws=0), measure(np.concatenate([rows, rows]), draws=0)
        assert type(one) is type(other)
        if isinstance(one, Estimate) and isinstance(other, Estimate):
            assert other.value == pytest.approx(one.value, abs=1e-9)
            assert other.items == 2 * one.items


def slow_corrected(found: Units, near: NDArray[np.float64], gwet: bool) -> float | None:
    paired = [unit for unit in found if len(unit) >= 2]
    rated = [unit for unit in found if unit]
    if not paired:
        return None
    seen = np.mean([np.mean([near[a, b] for a, b in permutations(unit, 2)]) for unit in paired])
    used = np.mean([[unit.count(c) / len(unit) for c in range(4)] for unit in rated], axis=0)
    if gwet:
        chance = near.sum() / 12 * float((used * (1 - used)).sum())
    else:
        chance = float(used @ near @ used)
    return None if chance > 1 - 1e-9 else float((seen - chance) / (1 - chance))


@given(units())
def test_fleiss_and_gwet_are_what_their_definitions_say(found: Units) -> None:
    rows = table(found)
    weightings: tuple[Weighting, ...] = ("none", "linear", "quadratic", "ordinal")
    for weighting in weightings:
        near = weights(4, weighting)
        close(fleiss_kappa(rows, weighting, draws=0), slow_corrected(found, near, False))
        close(gwet_ac(rows, weighting, draws=0), slow_corrected(found, near, True))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=15))
def test_across_two_raters_is_within_two_answers(said: list[tuple[int, int]]) -> None:
    one, other = (np.eye(4, dtype=np.int64)[[pair[at] for pair in said]] for at in (0, 1))
    for far in (None, "ordinal", interval(np.arange(4.0))):
        within, across = alpha(one + other, far, draws=0), alpha_across(one, other, far, draws=0)
        assert type(within) is type(across)
        if isinstance(within, Estimate) and isinstance(across, Estimate):
            assert across.value == pytest.approx(within.value, abs=1e-9)
    assert percent(one + other) == percent_across(one, other)
    close(
        gwet_ac_across(one, other, draws=0),
        slow_corrected([list(pair) for pair in said], np.eye(4), True),
    )


def test_across_weighs_an_item_once() -> None:
    """Three people against one model: each person's pair counts a third."""
    people = np.array([[2, 1], [0, 3], [3, 0]])
    model = np.array([[1, 0], [1, 0], [0, 0]])
    found = percent_across(people, model)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx((2 / 3 + 0) / 2)
    assert found.items == 2
    # margins: people 2/3, 4/3; model 2, 0; n = 4; Do = 2 (1/3 + 1) / 4; De = 2 (8/3)(4/3) / 12
    close(alpha_across(people, model, draws=0), 1 - (8 / 3 / 4) / (2 * 8 / 3 * 4 / 3 / 12))


def test_cohen_weights_are_of_the_difference() -> None:
    confusion = np.array([[20, 5, 0], [3, 10, 7], [1, 4, 12]])
    n = confusion.sum()
    weightings: list[tuple[Weighting, int]] = [("linear", 1), ("quadratic", 2)]
    for weighting, power in weightings:
        far = np.abs(np.subtract.outer(range(3), range(3))) ** power
        chance = np.outer(confusion.sum(axis=1), confusion.sum(axis=0)) / n
        expected = 1 - (confusion * far).sum() / (chance * far).sum()
        close(cohen_kappa(confusion, weighting, draws=0), float(expected))


def test_what_is_undefined_says_why() -> None:
    everybody_ham = np.array([[0, 2], [0, 3]])
    reason = "every answer is 'ham': chance agreement is 1, so alpha is not defined"
    assert alpha(everybody_ham, names=["spam", "ham"]) == Undefined(reason, 2)
    found = gwet_ac(everybody_ham)
    assert isinstance(found, Estimate)
    assert (found.value, found.low, found.high) == (1, None, None)
    assert alpha(np.array([[1, 0], [0, 1]])) == Undefined("no item has two answers", 0)
    assert percent(np.zeros((0, 2), int)) == Undefined("no item has two answers", 0)
    both = cohen_kappa(np.array([[0, 0], [0, 7]]), names=["spam", "ham"])
    reason = "both always say 'ham': chance agreement is 1, so kappa is not defined"
    assert both == Undefined(reason, 7)
    none = alpha_across(np.array([[1, 0]]), np.array([[0, 0]]))
    assert none == Undefined("no item has an answer of both", 0)
    assert gwet_ac(np.array([[2]])) == Undefined(
        "there is only one class, so nothing could disagree", 0
    )


def test_an_interval_is_what_drawing_the_items_one_by_one_gives() -> None:
    generator = np.random.default_rng(5)
    truth = generator.integers(0, 3, 150)
    said = np.where(generator.random((150, 3)) < 0.75, truth[:, None], 2)
    rows = counts(np.repeat(np.arange(150), 3), said.ravel(), 150, 3)
    found = alpha(rows, draws=2000, seed=1)
    assert isinstance(found, Estimate)
    assert found.low is not None
    assert found.high is not None
    slow = [
        m.value
        for _ in range(400)
        if isinstance(m := alpha(rows[generator.integers(0, 150, 150)], draws=0), Estimate)
    ]
    low, high = np.quantile(slow, [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=0.02)
    assert found.high == pytest.approx(high, abs=0.02)
    assert found == alpha(rows, draws=2000, seed=1)
    assert found != alpha(rows, draws=2000, seed=2)


@pytest.mark.parametrize("rows", [3, 40])
def test_draws_are_as_many_items_as_there_are(rows: int) -> None:
    times = np.full(rows, 2)
    found = np.concatenate(list(drawn(times, 300, seed=3)))
    assert found.shape == (300, rows)
    assert (found.sum(axis=1) == 2 * rows).all()
    assert found.mean(axis=0) == pytest.approx(np.full(rows, 2.0), abs=0.5)


def test_rows_that_are_alike_are_counted() -> None:
    big = np.array([[2**40, 1], [2**40, 2], [2**40, 1], [0, 2**40]])  # too wide for one number
    [rows], times = alike(big)
    assert sorted(zip(map(tuple, rows.tolist()), times.tolist(), strict=True)) == [
        ((0, 2**40), 1), ((2**40, 1), 2), ((2**40, 2), 1)
    ]  # fmt: skip


def test_answers_in_long_form() -> None:
    items, raters = np.array([0, 0, 1, 0, 2]), np.array([2, 0, 1, 1, 0])
    labels = np.array([1, 0, 1, 1, -1])
    assert counts(items, labels, 3, 2).tolist() == [[1, 2], [0, 1], [0, 0]]
    found = sorted(zip(*(a.tolist() for a in pairs_of_raters(items, raters, labels)), strict=True))
    assert found == [(0, 0, 1, 0, 1), (0, 0, 2, 0, 1), (0, 1, 2, 1, 1)]
    rest = one_against_rest(np.array([[1, 2, 3]]), np.array([False, True, True]))
    assert rest.tolist() == [[5, 1]]


def test_masi_is_what_the_question_type_says() -> None:
    sets = [set(c) for size in range(4) for c in combinations("abc", size)]
    far = masi(np.array([[label in one for label in "abc"] for one in sets]))
    for (i, one), (j, other) in product(enumerate(sets), repeat=2):
        if one == other:
            expected = 0.0
        else:
            shared = one & other
            step = 2 / 3 if shared in (one, other) else 1 / 3
            expected = 1 - len(shared) / len(one | other) * step
        assert far[i, j] == pytest.approx(expected), (one, other)


def test_spans() -> None:
    one = [(0, 3, "a"), (5, 9, "b"), (10, 12, "a")]
    other = [(0, 3, "a"), (6, 9, "b"), (10, 12, "b")]
    assert exact(one, other) == (2, 6)
    assert partial(one, other) == (4, 6)
    text = tokens("Ada met Bob.")
    assert [("Ada met Bob."[a:b]) for a, b in text] == ["Ada", "met", "Bob", "."]
    assert token_labels(text, [(0, 3, "p"), (8, 11, "p"), (8, 9, "x")]) == [
        ("p",), (), ("p", "x"), ()
    ]  # fmt: skip


WINS = np.array([[0, 12, 9], [5, 0, 8], [4, 7, 0]])
TIES = np.array([[0, 3, 6], [3, 0, 2], [6, 2, 0]])


def test_davidson_is_the_maximum_of_its_likelihood() -> None:
    def minus(at: NDArray[np.float64]) -> float:
        p, nu, total = [1.0, exp(at[0]), exp(at[1])], exp(at[2]), 0.0
        for i, j in combinations(range(3), 2):
            tie = nu * (p[i] * p[j]) ** 0.5
            whole = log(p[i] + p[j] + tie)
            total += WINS[i, j] * (log(p[i]) - whole) + WINS[j, i] * (log(p[j]) - whole)
            total += TIES[i, j] * (log(tie) - whole)
        return -total

    best = minimize(minus, np.zeros(3), tol=1e-12).x
    found = bradley_terry(WINS, TIES)
    assert not isinstance(found, Undefined)
    assert found.ties is not None
    values = [one.value for one in found.responses]
    assert sum(values) == pytest.approx(0)
    assert [values[1] - values[0], values[2] - values[0]] == pytest.approx(best[:2], abs=1e-4)
    assert found.ties.value == pytest.approx(best[2], abs=1e-4)


def test_intervals_of_strengths_hold_what_they_say() -> None:
    """Of 200 sets of 300 comparisons, about 95 % of the intervals hold the true difference."""
    generator = np.random.default_rng(11)
    held = 0
    for _ in range(200):
        won, lost, tied = generator.multinomial(300, np.array([2.0, 1.0, 0.7]) / 3.7)
        found = bradley_terry(np.array([[0, won], [lost, 0]]), np.array([[0, tied], [tied, 0]]))
        assert not isinstance(found, Undefined)
        one = found.responses[0]
        assert one.low is not None
        assert one.high is not None
        held += one.low <= log(2) / 2 <= one.high
    assert 181 <= held <= 198


def test_win_rates_count_a_tie_half() -> None:
    rates = win_rates(WINS, TIES)
    assert [one.value for one in rates if isinstance(one, Estimate)] == pytest.approx(
        [(21 + 4.5) / 39, (13 + 2.5) / 37, (11 + 4) / 36]
    )
    alone = win_rates(np.zeros((2, 2)), np.zeros((2, 2)))
    assert alone[0] == Undefined("it was never compared")


def test_a_response_that_always_wins_has_no_strength() -> None:
    wins = np.array([[0, 3, 2], [0, 0, 1], [0, 2, 0]])
    found = bradley_terry(wins, np.zeros((3, 3)), names=["x", "y", "z"])
    assert isinstance(found, Undefined)
    assert found.reason.startswith("x never lost to or tied with one of the others")
    one_tie = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert not isinstance(bradley_terry(wins, one_tie), Undefined)


def test_one_draw_is_the_statistic() -> None:
    from annotate.agreement.alpha import within

    rows = np.array([[2, 0], [1, 1], [0, 2]])
    found = at(within(rows), np.array([10, 3, 5]))
    close(alpha(np.repeat(rows, [10, 3, 5], axis=0), draws=0), found)
