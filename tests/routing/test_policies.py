"""Promises every policy keeps, run over the registry."""

from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from routing.draws import pairs
from routing.policies import POLICIES, Policy, Situation
from routing.types import Verdicts

NAN = float("nan")

SETTINGS: dict[str, list[dict[str, Any]]] = {  # a new policy adds its own
    "budget": [
        {},
        {"share": 0.4, "audit_rate": 0.2},
        {"items": 5, "audit_rate": 0.0},
        {"share": 0.6, "explore": 0.5, "audit_rate": 0.2},
        {"share": 0.5, "diversity": 0.6},
        {"items": 7, "diversity": 0.5, "explore": 0.3, "audit_rate": 0.1},
    ],
    "cascade": [
        {"error_usd": 1.0, "hour_usd": 36.0, "strong_usd": 0.01},
        {"error_usd": 1.0, "hour_usd": 24.0, "strong_usd": 0.0, "catches": 1.0, "audit_rate": 0.3},
    ],
    "coannotating": [{"llm_share": 0.6}, {"llm_share": 0.2}],
    "cost": [
        {"error_usd": 1.0, "hour_usd": 36.0},
        {"error_usd": 2.0, "hour_usd": 36.0, "max_usd": 2.1, "audit_rate": 0.2},
        {"error_usd": 1.0, "hour_usd": 36.0, "explore": 0.5, "people_error": 0.1},
        {"error_usd": 1.0, "hour_usd": 0.0, "max_usd": 0.0},
    ],
    "promise": [
        {},
        {"tolerance": 0.3, "alpha": 0.4, "learn": 0.0},
        {"tolerance": 0.45, "alpha": 0.3},
    ],
    "random": [{"share": 0.4}, {"share": 0.25, "audit_rate": 0.3}],
    "threshold": [
        {"accept_below": 0.5, "audit_rate": 0.1},
        {"accept_below": 0.0},
        {"accept_below": 0.75, "explore": 0.6},
    ],
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
    ("budget", {"explore": 1.5}, "explore is 1.5"),
    ("budget", {"diversity": -0.5}, "diversity is -0.5"),
    ("budget", {"diversity": 1}, "diversity is 1, but must be below 1"),
    ("cascade", {"error_usd": 1, "hour_usd": 9, "strong_usd": -1}, "strong_usd is -1, but must be"),
    ("cascade", {"error_usd": 1, "hour_usd": 9, "strong_usd": 0, "keeps": 2}, "keeps is 2"),
    ("coannotating", {"llm_share": 20}, "llm_share is 20, but must be a number from 0 to 1"),
    ("cost", {"error_usd": 0, "hour_usd": 9}, "error_usd is 0, but must be above 0"),
    ("cost", {"error_usd": 1, "hour_usd": -9}, "hour_usd is -9, but must be 0 or more"),
    ("cost", {"error_usd": 1, "hour_usd": NAN}, "hour_usd is nan, but must be a number"),
    ("cost", {"error_usd": 1, "hour_usd": 9, "seconds": True}, "seconds is True"),
    ("cost", {"error_usd": 1, "hour_usd": 9, "max_usd": -1}, "max_usd is -1"),
    ("cost", {"error_usd": 1, "hour_usd": 9, "people_error": 2}, "people_error is 2"),
    ("promise", {"tolerance": 5}, "tolerance is 5, but must be a number from 0 to 1"),
    ("promise", {"alpha": 0}, "alpha is 0, but must be between 0 and 1"),
    ("promise", {"tolerance": None}, "tolerance is None"),
    ("random", {"share": True}, "share is True"),
    ("random", {"share": 0.5, "audit_rate": 2}, "audit_rate is 2"),
    ("threshold", {"accept_below": -0.5}, "accept_below is -0.5"),
]
CASES = [(name, settings) for name, many in SETTINGS.items() for settings in many]
every_policy = pytest.mark.parametrize(("name", "settings"), CASES)


def each_policy() -> Iterator[tuple[dict[str, Any], Policy]]:
    """The settings and the policy of every case: making items up takes longer than routing them."""
    for name, settings in CASES:
        note(f"{name}: {settings}")
        yield settings, POLICIES[name](**settings)


def keyed(n: int, seed: int = 0) -> np.ndarray:
    return pairs(np.arange(n, dtype=np.uint64), seed=seed)


def nobody(n: int) -> np.ndarray:
    return np.zeros(n, dtype=bool)


def parts(verdicts: Verdicts) -> tuple[list[bool], list[bool], list[float]]:
    return verdicts.accept.tolist(), verdicts.audit.tolist(), verdicts.propensity.tolist()


@st.composite
def some_items(draw: st.DrawFn) -> tuple[Any, ...]:
    """Scores with many ties and some NaN, draws without ties, a fixed mask, what else is known."""
    n = draw(st.integers(0, 17))

    def each(values: Any, kind: Any) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=n, max_size=n)), dtype=kind)

    scores = each(st.sampled_from([0.0, 0.25, 0.5, 0.97, 1.0, NAN]), np.float64)
    fixed = each(st.booleans(), bool)
    situation = Situation(
        risk=draw(st.none() | st.just(scores / 2)),
        seconds=draw(st.none() | st.just(each(st.sampled_from([10.0, 20.0, NAN]), np.float64))),
        groups=draw(st.none() | st.just(each(st.integers(-1, 3), np.int64))),
        asked=draw(st.none() | st.just(each(st.booleans(), bool))),
    )
    return scores, keyed(n, seed=draw(st.integers(0, 99))), fixed, situation


def reordered(situation: Situation, order: np.ndarray) -> Situation:
    given = {f.name: getattr(situation, f.name) for f in fields(situation)}
    return Situation(**{name: p[order] for name, p in given.items() if p is not None})


def test_every_policy_is_tested_and_goes_by_its_own_name() -> None:
    assert list(POLICIES) == sorted(SETTINGS)
    assert all(POLICIES[name](**settings).name == name for name, settings in CASES)


@every_policy
def test_settings_can_be_stored_and_used_again(name: str, settings: dict[str, Any]) -> None:
    policy: Any = POLICIES[name](**settings)
    assert POLICIES[name](**asdict(policy)) == policy
    with pytest.raises(AttributeError):
        setattr(policy, next(iter(asdict(policy))), 1.0)


@pytest.mark.parametrize(("name", "settings", "message"), BAD)
def test_settings_that_cannot_be(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        POLICIES[name](**settings)


@given(items=some_items(), data=st.data())
def test_permuting_the_items_permutes_the_verdicts(items: Any, data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(len(items[0])))), dtype=np.int64)
    other = [array[order] for array in items[:3]]
    for _, policy in each_policy():
        plain = policy.route(*items)
        permuted = policy.route(*other, situation=reordered(items[3], order))
        moved = Verdicts(plain.accept[order], plain.audit[order], plain.propensity[order])
        assert parts(permuted) == parts(moved)


@given(items=some_items())
def test_unscored_and_fixed_items_stay_with_people(items: Any) -> None:
    scores, _, fixed, _ = items
    before = [array.copy() for array in items[:3]]
    certain = fixed | np.isnan(scores)
    for _, policy in each_policy():
        verdicts = policy.route(*items)
        assert verdicts.annotate[certain].all()
        assert (verdicts.propensity[certain] == 1).all()
        assert not verdicts.explored[certain].any()
        for array, copy in zip(items[:3], before, strict=True):
            np.testing.assert_array_equal(array, copy)


@given(items=some_items())
def test_the_lowest_draws_are_audited(items: Any) -> None:
    """So that a larger audit holds the smaller one, and running again draws the same."""
    drawn = items[1][:, 1]
    for settings, policy in each_policy():
        verdicts = policy.route(*items)
        left = verdicts.accept & (verdicts.propensity > 0)
        if verdicts.audit.any() and left.any():
            assert drawn[verdicts.audit].max() < drawn[left].min()
        if "audit_rate" in settings:
            assert (drawn[verdicts.audit] < settings["audit_rate"]).all()


@given(items=some_items())
def test_what_a_policy_does_not_read_changes_nothing(items: Any) -> None:
    scores, draws, fixed, situation = items
    known = {f.name for f in fields(Situation)}
    for _, policy in each_policy():
        assert policy.reads <= known
        unread = dict.fromkeys(known - policy.reads)
        plain = policy.route(scores, draws, fixed, replace(situation, **unread))
        assert parts(policy.route(*items)) == parts(plain)


@given(items=some_items())
def test_routing_again_with_everyone_assigned_sends_no_one_else(items: Any) -> None:
    """Whoever is audited stays in the pool, and the same draws audit them again."""
    scores, draws, _, situation = items
    for _, policy in each_policy():
        first = policy.route(*items)
        again = policy.route(scores, draws, first.annotate, situation)
        assert again.accept.tolist() == first.accept.tolist()
        if policy.name != "promise":  # once its audit is over, what is left would need another one
            later = policy.route(scores, draws, ~first.accept, situation)
            assert later.accept.tolist() == first.accept.tolist()


@every_policy
def test_propensity_is_how_often_an_item_is_sent(name: str, settings: dict[str, Any]) -> None:
    scores = np.array([0.97, 0.97, 0.5, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.25, NAN, 1.0, 0.5, 0.25])
    n = len(scores)
    runs = 4_000 if {"explore", "diversity", "max_usd"} & settings.keys() else 2_000
    fixed = nobody(n)
    fixed[[2, 7]] = True
    situation = Situation(
        seconds=np.where(np.arange(n) % 3 == 0, 10.0, 20.0),
        groups=np.array([0, 0, 1, 1, 1, 1, 2, 2, -1, 1, 1, 0, -1, 3]),
        asked=np.arange(n) % 2 == 0,
    )
    policy = POLICIES[name](**settings)
    recorded = policy.route(scores, keyed(n), fixed, situation).propensity
    sent = np.zeros(n)
    for draws in keyed(n * runs).reshape(runs, n, 2):
        verdicts = policy.route(scores, draws, fixed, situation)
        assert (verdicts.propensity == recorded).all()
        sent += ~verdicts.accept
    noise = np.sqrt(recorded * (1 - recorded) / runs)
    assert (np.abs(sent / runs - recorded) <= 4 * noise + 1e-12).all()


@pytest.mark.parametrize(
    ("name", "settings"), [case for case in CASES if case[1].get("audit_rate")]
)
def test_weighting_by_propensity_is_unbiased(name: str, settings: dict[str, Any]) -> None:
    """What the propensity is for: a total over all items from those that people saw."""
    n, runs = 23, 1000
    scores = np.round(np.linspace(0, 1, n), 1)
    wrong = scores > 0.35
    situation = Situation(groups=np.arange(n) % 5, asked=~nobody(n))
    policy = POLICIES[name](**settings)
    totals = np.empty(runs)
    for seed in range(runs):
        verdicts = policy.route(scores, keyed(n, seed), nobody(n), situation)
        totals[seed] = (wrong * ~verdicts.accept / verdicts.propensity).sum()
    noise = totals.std() / np.sqrt(runs)
    assert abs(totals.mean() - wrong.sum()) <= 4 * noise + 1e-9


@every_policy
@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"risk": np.zeros(4)},
            r"situation.risk is float64 of shape \(4,\), but must be .* \(3,\)",
        ),
        ({"risk": np.full(3, 1.5)}, "situation.risk holds 1.5, but a chance is 0..1"),
        ({"seconds": np.zeros(3)}, "situation.seconds holds 0.0, but must be above 0"),
        ({"groups": np.zeros(3)}, "situation.groups is float64 .* but must be integer"),
        ({"asked": np.zeros(3, dtype=int)}, "situation.asked is int64"),
    ],
)
def test_situations_that_cannot_be(
    name: str, settings: dict[str, Any], given: dict[str, Any], message: str
) -> None:
    policy: Policy = POLICIES[name](**settings)
    with pytest.raises(ValueError, match=message):
        policy.route(np.zeros(3), keyed(3), nobody(3), Situation(**given))


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
