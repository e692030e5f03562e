"""Promises every policy keeps, run over the registry, then what each one does by hand."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from routing.draws import pairs
from routing.policies import POLICIES, Policy
from routing.policies.budget import Budget
from routing.policies.random import Random
from routing.policies.threshold import Threshold
from routing.types import Verdicts

quick = hypothesis_settings(max_examples=25, deadline=None)
NAN = float("nan")

SETTINGS: dict[str, list[dict[str, Any]]] = {  # a new policy adds its own
    "budget": [{}, {"share": 0.4, "audit_rate": 0.2}, {"items": 5, "audit_rate": 0.0}],
    "random": [{"share": 0.4}, {"share": 0.25, "audit_rate": 0.3}],
    "threshold": [{"accept_below": 0.5, "audit_rate": 0.1}, {"accept_below": 0.0}],
}
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("budget", {"share": 1.1}, "share is 1.1, but must be a number from 0 to 1"),
    ("budget", {"share": NAN}, "share is nan"),
    ("budget", {"share": "0.3"}, "share is '0.3'"),
    ("budget", {"share": 0.3, "items": 4}, "share is 0.3 and items is 4; give one of them"),
    ("budget", {"items": -1}, "items is -1, but must be a whole number"),
    ("budget", {"items": 2.5}, "items is 2.5"),
    ("budget", {"items": True}, "items is True"),
    ("budget", {"audit_rate": -0.1}, "audit_rate is -0.1"),
    ("random", {"share": True}, "share is True"),
    ("random", {"share": 0.5, "audit_rate": 2}, "audit_rate is 2"),
    ("threshold", {"accept_below": -0.5}, "accept_below is -0.5"),
    ("threshold", {"accept_below": 0.5, "audit_rate": None}, "audit_rate is None"),
]
CASES = [(name, settings) for name, many in SETTINGS.items() for settings in many]
every_policy = pytest.mark.parametrize(("name", "settings"), CASES)


def keyed(n: int, seed: int = 0) -> np.ndarray:
    return pairs(np.arange(n, dtype=np.uint64), seed=seed)


def nobody(n: int) -> np.ndarray:
    return np.zeros(n, dtype=bool)


def parts(verdicts: Verdicts) -> tuple[list[bool], list[bool], list[float]]:
    return verdicts.accept.tolist(), verdicts.audit.tolist(), verdicts.propensity.tolist()


@st.composite
def some_items(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores with many ties and some NaN, draws without ties, and a fixed mask."""
    n = draw(st.integers(0, 17))
    level = st.sampled_from([0.0, 0.25, 0.5, 0.97, 1.0, NAN])
    scores = np.array(draw(st.lists(level, min_size=n, max_size=n)), dtype=np.float64)
    fixed = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    return scores, keyed(n, seed=draw(st.integers(0, 99))), fixed


def test_every_policy_is_tested_and_goes_by_its_own_name() -> None:
    assert list(POLICIES) == sorted(SETTINGS)
    for name, settings in CASES:
        assert POLICIES[name](**settings).name == name


@every_policy
def test_settings_can_be_stored_and_used_again(name: str, settings: dict[str, Any]) -> None:
    policy: Any = POLICIES[name](**settings)
    assert POLICIES[name](**asdict(policy)) == policy
    with pytest.raises(AttributeError):
        policy.audit_rate = 1.0


@pytest.mark.parametrize(("name", "settings", "message"), BAD)
def test_settings_that_cannot_be(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        POLICIES[name](**settings)


@every_policy
@quick
@given(items=some_items(), data=st.data())
def test_permuting_the_items_permutes_the_verdicts(
    name: str, settings: dict[str, Any], items: Any, data: st.DataObject
) -> None:
    policy = POLICIES[name](**settings)
    order = np.array(data.draw(st.permutations(range(len(items[0])))), dtype=np.int64)
    plain = policy.route(*items)
    permuted = policy.route(*(array[order] for array in items))
    moved = Verdicts(plain.accept[order], plain.audit[order], plain.propensity[order])
    assert parts(permuted) == parts(moved)


@every_policy
@quick
@given(items=some_items())
def test_unscored_and_fixed_items_stay_with_people(
    name: str, settings: dict[str, Any], items: Any
) -> None:
    scores, draws, fixed = items
    before = [array.copy() for array in items]
    verdicts = POLICIES[name](**settings).route(*items)
    certain = fixed | np.isnan(scores)
    assert verdicts.annotate[certain].all()
    assert (verdicts.propensity[certain] == 1).all()
    assert (draws[verdicts.audit, 1] < settings.get("audit_rate", 0.05)).all()
    for array, copy in zip(items, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@every_policy
@quick
@given(items=some_items())
def test_routing_again_with_everyone_assigned_sends_no_one_else(
    name: str, settings: dict[str, Any], items: Any
) -> None:
    scores, draws, fixed = items
    policy = POLICIES[name](**settings)
    first = policy.route(scores, draws, fixed)
    second = policy.route(scores, draws, ~first.accept)
    assert second.accept.tolist() == first.accept.tolist()


@every_policy
def test_propensity_is_how_often_an_item_is_sent(name: str, settings: dict[str, Any]) -> None:
    scores = np.array([0.97, 0.97, 0.5, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.25, NAN, 1.0, 0.5])
    n, runs = len(scores), 1000
    fixed = nobody(n)
    fixed[[2, 7]] = True
    policy = POLICIES[name](**settings)
    recorded = policy.route(scores, keyed(n), fixed).propensity
    sent = np.zeros(n)
    for seed in range(runs):
        verdicts = policy.route(scores, keyed(n, seed), fixed)
        assert verdicts.propensity.tolist() == recorded.tolist()
        sent += ~verdicts.accept
    noise = np.sqrt(recorded * (1 - recorded) / runs)
    assert (np.abs(sent / runs - recorded) <= 4 * noise).all()


@pytest.mark.parametrize(
    ("name", "settings"), [case for case in CASES if case[1].get("audit_rate")]
)
def test_weighting_by_propensity_is_unbiased(name: str, settings: dict[str, Any]) -> None:
    """What the propensity is for: a total over all items from those that people saw."""
    n, runs = 23, 1000
    scores = np.round(np.linspace(0, 1, n), 1)
    wrong = scores > 0.35
    policy = POLICIES[name](**settings)
    totals = np.empty(runs)
    for seed in range(runs):
        verdicts = policy.route(scores, keyed(n, seed), nobody(n))
        totals[seed] = (wrong * ~verdicts.accept / verdicts.propensity).sum()
    noise = totals.std() / np.sqrt(runs)
    assert abs(totals.mean() - wrong.sum()) <= 4 * noise + 1e-9


@every_policy
@pytest.mark.parametrize(
    ("scores", "draws", "fixed", "message"),
    [
        (np.zeros((3, 1)), keyed(3), nobody(3), r"scores has shape \(3, 1\)"),
        (np.zeros(3), keyed(4), nobody(3), r"draws has shape \(4, 2\), but 3 scores need \(3, 2\)"),
        (np.zeros(3), keyed(3)[:, 0], nobody(3), r"draws has shape \(3,\)"),
        (np.zeros(3), keyed(3), nobody(2), r"fixed is bool of shape \(2,\)"),
        (np.zeros(3), keyed(3), np.zeros(3), "fixed is float64"),
        (np.full(3, 1.5), keyed(3), nobody(3), "scores holds 1.5, but a score is 0..1"),
        (np.full(3, -np.inf), keyed(3), nobody(3), "scores holds -inf"),
        (np.zeros(3), keyed(3) + 1, nobody(3), r"draws holds 1\.\d+, but a draw is 0 <= u < 1"),
        (np.zeros(3), keyed(3) * NAN, nobody(3), "draws holds nan"),
    ],
)
def test_arguments_that_cannot_be(
    name: str, settings: dict[str, Any], scores: Any, draws: Any, fixed: Any, message: str
) -> None:
    policy: Policy = POLICIES[name](**settings)
    with pytest.raises(ValueError, match=message):
        policy.route(scores, draws, fixed)


def test_budget_takes_the_most_unsure_and_cuts_a_tie_by_draws() -> None:
    scores = np.array([0.2, 0.9, 0.5, 0.5, 0.5, 0.1, 0.0])
    draws = np.full((7, 2), 0.99)
    draws[2:5, 0] = [0.7, 0.6, 0.1]
    verdicts = Budget(items=3, audit_rate=0.25).route(scores, draws, nobody(7))
    assert verdicts.annotate.tolist() == [False, True, False, True, True, False, False]
    # two thirds of the level are taken, a quarter of the rest is audited: 2/3 + 1/3 * 1/4 = 3/4
    expected = [0.25, 1.0, 0.75, 0.75, 0.75, 0.25, 0.25]
    np.testing.assert_allclose(verdicts.propensity, expected)


def test_budget_counts_fixed_and_unscored_items_first() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.1, NAN])
    fixed = np.array([False, False, False, True, False])
    verdicts = Budget(items=3, audit_rate=0.0).route(scores, keyed(5), fixed)
    assert verdicts.annotate.tolist() == [True, False, False, True, True]
    assert verdicts.propensity.tolist() == [1.0, 0.0, 0.0, 1.0, 1.0]
    overdrawn = Budget(items=1, audit_rate=0.0).route(scores, keyed(5), fixed)
    assert overdrawn.annotate.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("share", "n", "expected"),
    [(0.0, 11, 0), (1.0, 11, 11), (0.3, 11, 3), (0.29, 100, 29), (0.5, 5, 3), (0.1, 4, 0)],
)
def test_share_is_the_nearest_whole_item(share: float, n: int, expected: int) -> None:
    for policy in (Budget(share=share, audit_rate=0.0), Random(share=share)):
        for scores in (np.linspace(0, 1, n), np.zeros(n)):
            assert policy.route(scores, keyed(n), nobody(n)).annotate.sum() == expected


def test_budget_says_what_it_is_set_to() -> None:
    assert Budget() == Budget(share=0.3, audit_rate=0.05)
    assert Budget(items=4).share is None
    everyone = Budget(items=99).route(np.zeros(6), keyed(6), nobody(6))
    assert everyone.annotate.all()


def test_audit_comes_on_top_of_the_budget_and_is_near_its_rate() -> None:
    n = 20_000
    scores = np.linspace(0, 1, n)
    verdicts = Budget(share=0.25, audit_rate=0.1).route(scores, keyed(n), nobody(n))
    assert verdicts.annotate.sum() == 5_000
    assert verdicts.audit.sum() == pytest.approx(1_500, abs=4 * 36.7)  # sd = sqrt(15000 * .1 * .9)


def test_audit_is_independent_of_the_tie_break() -> None:
    """One level, half taken: with one draw for both, no loser of the cut could be audited."""
    n = 20_000
    verdicts = Budget(share=0.5, audit_rate=0.1).route(np.full(n, 0.5), keyed(n), nobody(n))
    assert verdicts.audit.sum() == pytest.approx(1_000, abs=4 * 30)  # sd = sqrt(10000 * .1 * .9)
    assert set(verdicts.propensity.tolist()) == {0.5 + 0.5 * 0.1}


@quick
@given(st.integers(0, 99), st.integers(1, 40), st.integers(0, 40))
def test_growing_data_keep_who_was_assigned(seed: int, n: int, more: int) -> None:
    scores = np.round(keyed(n + more, seed=100)[:, 0], 1)
    draws = keyed(n + more, seed)
    policy = Budget(share=0.4, audit_rate=0.1)
    first = policy.route(scores[:n], draws[:n], nobody(n))
    fixed = np.concatenate([~first.accept, nobody(more)])
    second = policy.route(scores, draws, fixed)
    assert second.annotate[fixed].all()
    assert second.annotate.sum() == max(fixed.sum(), int(0.4 * (n + more) + 0.5))


def test_threshold_by_hand() -> None:
    scores = np.array([0.1, 0.4, 0.5, 0.9, NAN, 0.1])
    draws = np.array([[0.5, 0.3], [0.5, 0.1], [0.5, 0.1], [0.5, 0.1], [0.5, 0.1], [0.5, 0.1]])
    fixed = np.array([False, False, False, False, False, True])
    verdicts = Threshold(accept_below=0.5, audit_rate=0.2).route(scores, draws, fixed)
    assert verdicts.accept.tolist() == [True, False, False, False, False, False]
    assert verdicts.audit.tolist() == [False, True, False, False, False, False]
    assert verdicts.propensity.tolist() == [0.2, 0.2, 1.0, 1.0, 1.0, 1.0]


def test_random_ignores_scores_and_says_so() -> None:
    n = 15
    draws = keyed(n)
    one = Random(share=0.4).route(np.linspace(0, 1, n), draws, nobody(n))
    other = Random(share=0.4).route(np.linspace(1, 0, n), draws, nobody(n))
    assert parts(one) == parts(other)
    assert one.annotate.sum() == 6
    assert set(one.propensity.tolist()) == {6 / 15}
    lowest = np.sort(draws[:, 0])[5]
    assert one.annotate.tolist() == (draws[:, 0] <= lowest).tolist()


def test_random_fills_up_to_its_share() -> None:
    fixed = np.array([True, True, False, False, False, False, False, False, False, False])
    verdicts = Random(share=0.5, audit_rate=0.2).route(np.zeros(10), keyed(10), fixed)
    assert verdicts.annotate.sum() == 5
    np.testing.assert_allclose(verdicts.propensity[2:], 3 / 8 + 5 / 8 * 0.2)
