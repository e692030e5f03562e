"""Plans for a promise: no dearer than need be, as dear as they say; all-human where none holds."""

import numpy as np
import pytest

from routing.audit import audit_size
from routing.certificate import certify
from routing.policies import Situation
from routing.policies.promise import Promise
from tests.routing.test_policies import keyed, nobody


def some_risks(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).beta(0.6, 2.5, size=n)


def labels_in_all(risk: np.ndarray, sent: int, policy: Promise, seeds: int) -> float:
    """Mean number of labels when so many are sent first, over errors and audits by chance."""
    n, rng = len(risk), np.random.default_rng(sent)
    safest = np.sort(risk)[: n - sent]
    drawn = audit_size(len(safest), policy.tolerance, policy.alpha, size=n)
    kept = []
    for _ in range(seeds):
        audited = np.zeros(len(safest), dtype=bool)
        audited[rng.permutation(len(safest))[:drawn]] = True
        promise = certify(
            np.arange(len(safest)),
            audited,
            rng.random(len(safest)) < safest,
            tolerance=policy.tolerance,
            alpha=policy.alpha,
            size=n,
        )
        kept.append(promise.machine.sum())
    return n - float(np.mean(kept))


@pytest.mark.parametrize("tolerance", [0.05, 0.1])
def test_the_plan_needs_the_fewest_labels_and_as_many_as_it_says(tolerance: float) -> None:
    """Against other numbers sent beforehand, each tried out."""
    n = 800
    risk = some_risks(n)
    policy = Promise(tolerance=tolerance, learn=0.0)
    plan = policy.plan(risk, nobody(n))
    needed = labels_in_all(risk, plan.annotate, policy, seeds=60)
    assert plan.human_share == pytest.approx(needed / n, abs=0.025)
    others = [labels_in_all(risk, sent, policy, seeds=25) for sent in range(0, 600, 60)]
    assert needed / n < min(others) / n + 0.025
    assert max(others) / n > needed / n + 0.05


def test_promises_that_were_planned_hold() -> None:
    """Errors drawn from the risks, labels frozen, audit drawn, certificate asked."""
    n, runs, tolerance = 1000, 200, 0.1
    risk = some_risks(n)
    policy = Promise(tolerance=tolerance)
    rng = np.random.default_rng(1)
    broken = 0
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
        assert promise.cut > 0
        broken += (promise.machine & wrong[rest]).sum() > tolerance * n
    assert broken / runs <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)


def test_nothing_to_promise_sends_everything_to_people() -> None:
    for policy, risk in [
        (Promise(tolerance=0.0), np.zeros(500)),  # without an error only an audit of all is enough
        (Promise(tolerance=0.05), np.zeros(60)),  # too few to audit a third of
        (Promise(tolerance=0.01), np.full(500, 0.9)),
        (Promise(learn=1.0), np.zeros(500)),
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
    assert before.annotate >= 200  # a fifth teaches the model
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
