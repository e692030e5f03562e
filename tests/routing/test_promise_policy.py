"""Plans for a promise: likely enough, no dearer than need be, all-human where there is none."""

import numpy as np
import pytest
from scipy.stats import binom

from routing.audit import audit_size
from routing.certificate import certify, critical_value
from routing.policies import Situation
from routing.policies.promise import Promise
from tests.routing.test_policies import keyed, nobody


def some_risks(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).beta(0.6, 2.5, size=n)


@pytest.mark.parametrize("likely", [0.3, 0.8, 0.95])
@pytest.mark.parametrize("tolerance", [0.05, 0.1])
def test_no_plan_that_is_likely_enough_is_much_cheaper(tolerance: float, likely: float) -> None:
    """Against every number of items that could be sent beforehand."""
    n = 600
    risk = np.sort(some_risks(n))
    plan = Promise(tolerance=tolerance, likely=likely).plan(risk, nobody(n))
    first = None
    for rest in range(n, 0, -1):
        drawn = audit_size(rest, tolerance, 0.05, size=n)
        critical = critical_value(rest, drawn, tolerance, 0.05, size=n) if drawn else None
        if critical is None:
            continue
        if binom.cdf(critical, drawn, risk[:rest].mean()) >= likely:
            first = (n - rest, drawn, critical)
            break
    assert first is not None
    assert first[0] <= plan.annotate <= first[0] + n / 200
    assert plan.audit == audit_size(n - plan.annotate, tolerance, 0.05, size=n)
    assert plan.chance == pytest.approx(
        binom.cdf(plan.critical, plan.audit, risk[: n - plan.annotate].mean())
    )
    assert plan.chance >= likely
    assert plan.human_share == pytest.approx((plan.annotate + plan.audit) / n)


def test_plans_come_true_as_often_as_they_say_and_promises_hold() -> None:
    """Errors drawn from the risks, labels frozen, audit drawn, certificate asked."""
    n, runs, tolerance = 1000, 300, 0.1
    risk = some_risks(n)
    policy = Promise(tolerance=tolerance, likely=0.8)
    plan = policy.plan(risk, nobody(n))
    assert 0.2 < plan.human_share < 0.8
    rng = np.random.default_rng(1)
    whole = broken = 0
    for seed in range(runs):
        verdicts = policy.route(risk, keyed(n, seed), nobody(n))
        wrong = rng.random(n) < risk
        rest = np.flatnonzero(~verdicts.annotate)
        promise = certify(
            np.argsort(risk[rest], kind="stable"),
            verdicts.audit[rest],
            wrong[rest],
            tolerance=tolerance,
            alpha=0.05,
            size=n,
        )
        whole += promise.cut == len(rest)
        broken += (promise.machine & wrong[rest]).sum() > tolerance * n
    noise = np.sqrt(plan.chance * (1 - plan.chance) / runs)
    assert whole / runs == pytest.approx(plan.chance, abs=4 * noise)
    assert broken / runs <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)


def test_nothing_to_promise_sends_everything_to_people() -> None:
    for policy, risk in [
        (Promise(tolerance=0.0), np.zeros(500)),  # without an error only an audit of all is enough
        (Promise(tolerance=0.05), np.zeros(60)),  # too few to audit a third of
        (Promise(tolerance=0.05), np.full(500, 0.9)),
    ]:
        n = len(risk)
        plan = policy.plan(risk, nobody(n))
        assert (plan.annotate, plan.audit, plan.critical, plan.human_share) == (n, 0, None, 1.0)
        verdicts = policy.route(risk, keyed(n), nobody(n))
        assert verdicts.annotate.all()
        assert (verdicts.propensity == 1).all()


def test_what_people_have_counts_as_done() -> None:
    n = 1000
    risk = some_risks(n)
    policy = Promise(tolerance=0.1)
    before = policy.plan(risk, nobody(n))
    fixed = risk >= np.sort(risk)[-100]
    after = policy.plan(risk, fixed)
    assert after.with_people == 100
    assert after.annotate == before.annotate - 100
    verdicts = policy.route(risk, keyed(n), fixed)
    assert verdicts.annotate.sum() == before.annotate
    assert verdicts.audit.sum() == before.audit
    rate = before.audit / (n - before.annotate)
    np.testing.assert_allclose(verdicts.propensity[~verdicts.annotate], rate)


def test_the_order_is_that_of_the_risks_of_the_situation() -> None:
    n = 1000
    risk = some_risks(n)
    policy = Promise(tolerance=0.1)
    plain = policy.route(risk, keyed(n), nobody(n))
    other = policy.route(1 - risk, keyed(n), nobody(n), Situation(risk=risk))
    assert other.annotate.tolist() == plain.annotate.tolist()
