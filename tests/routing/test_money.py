"""Prices: who is worth asking, what the next dollars buy, and when a stronger model pays."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.policies import Situation
from routing.policies.cascade import Cascade, Record, measured
from routing.policies.cost import Cost
from tests.routing.test_policies import keyed, nobody

NAN = float("nan")


def test_an_answer_must_be_worth_its_price() -> None:
    """3600 seconds of 36 dollars an hour: one cent a second."""
    risk = np.array([0.5, 0.5, 0.31, 0.3, NAN, 0.0])
    seconds = np.array([NAN, 49.0, 10.0, 10.0, 10.0, 10.0])
    fixed = np.array([False, False, False, False, False, True])
    policy = Cost(error_usd=1.0, hour_usd=36.0, seconds=50.0, people_error=0.2, audit_rate=0.0)
    verdicts = policy.route(risk, keyed(6), fixed, Situation(seconds=seconds))
    # saved: .3 .3 .11 .1; paid: .5 .49 .1 .1; what is unknown or taken goes anyway
    assert verdicts.annotate.tolist() == [False, False, True, False, True, True]
    twice = Cost(error_usd=2.0, hour_usd=36.0, seconds=50.0, people_error=0.2, audit_rate=0.0)
    verdicts = twice.route(risk, keyed(6), fixed, Situation(seconds=seconds))
    assert verdicts.annotate.tolist() == [True, True, True, True, True, True]
    two_people = Cost(error_usd=2.0, hour_usd=36.0, answers=2, people_error=0.2, audit_rate=0.0)
    verdicts = two_people.route(risk, keyed(6), fixed, Situation(seconds=seconds))
    assert verdicts.annotate.tolist() == [False, False, True, False, True, True]


def test_risk_comes_before_the_score() -> None:
    scores, risk = np.array([0.9, 0.1, NAN]), np.array([0.1, 0.9, 0.0])
    policy = Cost(error_usd=1.0, hour_usd=36.0, audit_rate=0.0)
    verdicts = policy.route(scores, keyed(3), nobody(3), Situation(risk=risk))
    assert verdicts.annotate.tolist() == [False, True, True]


@given(
    st.lists(
        st.tuples(st.sampled_from([0.2, 0.4, 0.9]), st.sampled_from([10.0, 20.0, 30.0])),
        min_size=1,
        max_size=7,
    ),
    st.sampled_from([0.05, 0.1, 0.25, 0.3, 0.6, 9.0]),
)
def test_a_limit_buys_the_most_repairs_per_dollar_first(
    items: list[tuple[float, float]], limit: float
) -> None:
    risk, seconds = np.array(items).T
    policy = Cost(error_usd=9.0, hour_usd=36.0, max_usd=limit, audit_rate=0.0)
    verdicts = policy.route(risk, keyed(len(risk)), nobody(len(risk)), Situation(seconds=seconds))
    price = seconds / 100
    sent = verdicts.annotate
    assert price[sent].sum() <= limit + 1e-9
    if sent.any() and (~sent).any():
        assert (risk / price)[sent].min() >= (risk / price)[~sent].max() - 1e-12
    cheapest_left = price[~sent][(risk / price)[~sent] >= (risk / price)[~sent].max(initial=0)]
    assert price[sent].sum() + cheapest_left.min(initial=99) > limit - 1e-9


def test_a_limit_is_used_up_by_what_people_have() -> None:
    fixed = np.array([True, True, False, False])
    policy = Cost(error_usd=9.0, hour_usd=36.0, seconds=10.0, max_usd=0.3, audit_rate=0.0)
    verdicts = policy.route(np.full(4, 0.5), keyed(4), fixed)
    assert verdicts.annotate.sum() == 3
    assert verdicts.propensity.tolist() == [1.0, 1.0, 0.5, 0.5]
    overdrawn = Cost(error_usd=9.0, hour_usd=36.0, seconds=10.0, max_usd=0.1, audit_rate=0.0)
    assert overdrawn.route(np.full(4, 0.5), keyed(4), fixed).annotate.tolist() == fixed.tolist()


@given(
    st.lists(
        st.tuples(st.sampled_from([0.1, 0.3, 0.8]), st.sampled_from([10.0, 25.0])),
        min_size=1,
        max_size=6,
    )
)
def test_nothing_repairs_more_for_the_money(items: list[tuple[float, float]]) -> None:
    """Against every whole choice of items for the same money."""
    risk, seconds = np.array(items).T
    policy = Cost(error_usd=2.0, hour_usd=36.0)
    bought = policy.buys(risk, nobody(len(risk)), Situation(seconds=seconds), usd=0.35)
    price = seconds / 100
    choices = [
        list(some) for size in range(len(risk) + 1) for some in combinations(range(len(risk)), size)
    ]
    best = max(risk[some].sum() for some in choices if price[some].sum() <= 0.35 + 1e-9)
    assert bought.errors >= best - 1e-9
    assert bought.worth == pytest.approx(2 * bought.errors)
    assert bought.usd == pytest.approx(min(0.35, price.sum()))


def test_what_is_left_may_cost_less() -> None:
    policy = Cost(error_usd=1.0, hour_usd=36.0, seconds=10.0)
    risk, fixed = np.array([0.5, NAN, 0.25]), np.array([True, False, False])
    bought = policy.buys(risk, fixed, usd=10.0)
    assert (bought.items, bought.errors, bought.usd) == (1.0, 0.25, pytest.approx(0.1))
    free = Cost(error_usd=1.0, hour_usd=0.0).buys(risk, ~fixed, usd=10.0)
    assert (free.items, free.errors, free.usd) == (1.0, 0.5, 0.0)


def expected_usd(risk: float, policy: Cascade, people: float) -> dict[str, float]:
    """Every case of what the strong model may do, weighed by hand."""
    cases = {  # (cheap right?, agrees?): chance
        (True, True): (1 - risk) * policy.keeps,
        (True, False): (1 - risk) * (1 - policy.keeps),
        (False, True): risk * (1 - policy.catches),
        (False, False): risk * policy.catches,
    }
    strong = policy.strong_usd
    agree = cases[True, True] + cases[False, True]
    strong += min(cases[False, True] * policy.error_usd, agree * people)
    keep_cheap = cases[False, False] * policy.error_usd
    take_strong = (cases[True, False] + cases[False, False] * (1 - policy.fixes)) * policy.error_usd
    differ = cases[True, False] + cases[False, False]
    strong += min(keep_cheap, take_strong, differ * people)
    return {"strong": strong, "accept": risk * policy.error_usd, "people": people}


@given(
    st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6),
    st.floats(0.3, 1.0),
    st.floats(0.1, 1.0),
    st.floats(0.3, 1.0),
)
def test_the_cheapest_way_is_taken(
    risks: list[float], keeps: float, catches: float, fixes: float
) -> None:
    policy = Cascade(
        error_usd=2.0,
        hour_usd=36.0,
        seconds=30.0,
        strong_usd=0.02,
        people_error=0.05,
        keeps=keeps,
        catches=catches,
        fixes=fixes,
        audit_rate=0.0,
    )
    risk = np.array(risks)
    stages = policy.stages(risk, keyed(len(risk)), nobody(len(risk)))
    for item, one in enumerate(risks):
        usd = expected_usd(one, policy, 0.3 + 0.05 * 2.0)
        taken = "strong" if stages.strong[item] else "accept"
        if stages.verdicts.annotate[item]:
            taken = "people"
        assert usd[taken] == pytest.approx(min(usd.values()))
    assert (stages.verdicts.propensity[stages.strong] == 0).all()


def test_who_has_been_asked_is_not_asked_again() -> None:
    policy = Cascade(error_usd=1, hour_usd=36, strong_usd=0.01, audit_rate=1.0)
    risk, asked = np.array([0.2, 0.2, 0.31, NAN]), np.array([True, False, True, False])
    stages = policy.stages(risk, keyed(4), nobody(4), Situation(asked=asked))
    assert stages.strong.tolist() == [False, True, False, False]
    assert stages.verdicts.audit.tolist() == [True, False, False, False]  # those that end here
    assert stages.verdicts.annotate.tolist() == [False, False, True, True]


def test_the_record_by_hand() -> None:
    cheap = np.array([0, 0, 0, 0, 1, 1, 1, -1, 0])
    strong = np.array([0, 0, 0, 1, 0, 2, 1, 0, 0])
    human = np.array([0, 0, 0, 0, 0, 0, 0, 0, -1])
    # right: 4, kept 3; wrong: 3, caught 2, of which 1 right
    assert measured(cheap, strong, human) == Record(keeps=4 / 6, catches=3 / 5, fixes=2 / 4)
    with pytest.raises(ValueError, match=r"must share one shape"):
        measured(cheap, strong[:2], human)
