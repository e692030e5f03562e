"""What each policy does with a few items, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.policies.budget import Budget
from routing.policies.coannotating import CoAnnotating, signal
from routing.policies.random import Random
from routing.policies.threshold import Threshold
from tests.routing.test_policies import keyed, nobody, parts

NAN = float("nan")


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


def test_a_part_of_the_budget_explores() -> None:
    n = 100
    scores = np.linspace(0, 1, n)
    verdicts = Budget(items=20, explore=0.25, audit_rate=0.1).route(scores, keyed(n), nobody(n))
    assert verdicts.annotate.sum() == 20
    assert verdicts.explored.sum() == 5
    assert verdicts.annotate[85:].all()
    assert not verdicts.explored[85:].any()
    rate = 5 / 85  # of all that the other 15 leave
    np.testing.assert_allclose(verdicts.propensity[:85], rate + (1 - rate) * 0.1)
    assert (verdicts.propensity[85:] == 1).all()
    where = np.zeros(85)
    for seed in range(600):
        where += (
            Budget(items=20, explore=0.25).route(scores, keyed(n, seed), nobody(n)).explored[:85]
        )
    assert where[:42].sum() / where.sum() == pytest.approx(42 / 85, abs=4 * 0.5 / np.sqrt(3000))


def test_exploring_needs_room_in_the_budget() -> None:
    fixed = np.arange(10) < 4
    policy = Budget(items=6, explore=0.5, audit_rate=0.0)
    verdicts = policy.route(np.linspace(0, 1, 10), keyed(10), fixed)
    assert verdicts.annotate.sum() == 6
    assert verdicts.explored.sum() == 1
    assert not Budget(items=4, explore=1.0).route(np.zeros(10), keyed(10), fixed).explored.any()


def test_threshold_explores_beside_the_unsure() -> None:
    n = 100
    scores = np.linspace(0, 1, n)
    policy = Threshold(accept_below=0.9, audit_rate=0.0, explore=0.5)
    verdicts = policy.route(scores, keyed(n), nobody(n))
    assert verdicts.annotate[90:].all()
    assert verdicts.explored.sum() == 5  # half of the ten that are unsure
    np.testing.assert_allclose(verdicts.propensity[:90], 5 / 90)
    fixed = np.arange(n) < 3  # sure ones that people have count towards it
    assert policy.route(scores, keyed(n), fixed).explored.sum() == 2


def test_coannotating_gives_the_model_its_share_and_audits_nothing() -> None:
    scores = np.array([0.9, 0.2, 0.5, NAN, 0.0, 0.6])
    verdicts = CoAnnotating(llm_share=0.5).route(scores, keyed(6), nobody(6))
    assert verdicts.annotate.tolist() == [True, False, False, True, False, True]
    assert verdicts.propensity.tolist() == [1.0, 0.0, 0.0, 1.0, 0.0, 1.0]
    budget = Budget(share=0.5, audit_rate=0.0).route(scores, keyed(6), nobody(6))
    assert parts(verdicts) == parts(budget)


def test_what_the_strategies_of_coannotating_sort_by() -> None:
    votes = np.array([[0, 0, 0, -1], [0, 1, -1, -1], [1, 1, 1, 1], [-1, -1, -1, -1]])
    stated = np.array([[0.9, 0.7, NAN, NAN], [0.5, 0.5, 0.1, 0.1], [1, 1, 1, 1], [NAN] * 4])
    log3 = np.log(3)  # two classes and the unreadable one
    by_entropy = [
        -(0.75 * np.log(0.75) + 0.25 * np.log(0.25)) / log3,
        (0.25 * np.log(4) * 2 + 0.5 * np.log(2)) / log3,
        0.0,
        NAN,
    ]
    np.testing.assert_allclose(signal("entropy", votes, 2), by_entropy, atol=1e-12)
    np.testing.assert_allclose(signal("self_evaluation", votes, 2, stated), [0.2, 0.7, 0.0, NAN])
    assert signal("random", votes, 2).tolist()[:3] == [0.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="self_evaluation sorts by stated confidences"):
        signal("self_evaluation", votes, 2)
