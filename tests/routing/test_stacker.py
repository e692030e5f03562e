"""The stacker: the vote without people, their answers with them; gradients and covariance."""

from time import perf_counter
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from routing.evidence import Evidence
from routing.softmax import Prior, fit
from routing.softmax import _Problem as Problem
from routing.stacker import Stacker
from routing.student import scaled
from routing.uncertainty import majority

NAN = float("nan")


def nobody(n: int) -> NDArray[np.int64]:
    return np.full(n, -1)


def noisy_votes(
    n: int, k: int, m: int, *, right: float = 0.7, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Truth (n,) and votes (n, m); one cell in 20 is no vote."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, size=n)
    votes = np.where(rng.random((n, m)) < right, truth[:, None], rng.integers(0, k, size=(n, m)))
    votes[rng.random((n, m)) < 0.05] = -1
    return truth, votes


def test_without_people_the_label_is_the_majority_and_risk_falls_with_the_lead() -> None:
    votes = np.array([[0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 2, 2], [2, 2, 2, -1], [-1, -1, -1, -1]])
    cold = Stacker(Evidence(votes, k=3)).fit(nobody(5))
    assert cold.labels[:4].tolist() == majority(votes, 3)[:4].tolist()
    np.testing.assert_allclose(cold.probs.sum(axis=1), 1)
    assert cold.risk[0] < cold.risk[3] < cold.risk[1] < cold.risk[2] < cold.risk[4]
    assert cold.risk[4] == pytest.approx(2 / 3)  # nothing is known
    assert cold.probs[2, 1] == pytest.approx(cold.probs[2, 2])


def test_cold_numbers_by_hand() -> None:
    cold = Stacker(Evidence(np.array([[0], [1]]), k=2)).fit(nobody(2))
    # gap 2.6; variance .6^2 + 2 * .4^2 (beta) + 2 * .4^2 (bias); shrunk by sqrt(1 + pi/8 * 1)
    gap = 2.6 / np.sqrt(1 + np.pi / 8 * (0.36 + 0.64))
    assert cold.risk == pytest.approx([1 / (1 + np.exp(gap))] * 2)


def test_people_teach_that_a_vote_means_another_label() -> None:
    """The model says 1 where people say 2: the most probable label changes, unlike a router's."""
    truth, votes = noisy_votes(300, 3, 5, seed=3)
    votes[votes == 2] = 1
    stacker = Stacker(Evidence(votes, k=3))
    human = np.where(np.arange(300) < 90, truth, -1)
    fitted = stacker.fit(human)
    unseen = slice(90, None)
    before = (majority(votes, 3)[unseen] == truth[unseen]).mean()
    assert (fitted.labels[unseen] == truth[unseen]).mean() >= before - 0.02
    said_one = (majority(votes, 3) == 1) & (human < 0)
    half = fitted.probs[said_one].mean(axis=0)
    assert half[2] > 0.3
    assert half[1] > 0.3


def test_people_teach_which_prompt_to_trust() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, size=400)
    good = np.where(rng.random(400) < 0.95, truth, 1 - truth)
    bad = rng.integers(0, 2, size=(400, 3))
    stacker = Stacker(Evidence(np.column_stack([bad, good]), k=2))
    fitted = stacker.fit(np.where(np.arange(400) < 150, truth, -1))
    weights = [fitted.coefficients[f"vote {j}"] for j in range(4)]
    assert weights[3] > 2 * max(weights[:3])
    assert (fitted.labels[150:] == truth[150:]).mean() > 0.93


def test_features_teach_what_all_votes_get_wrong() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, size=500)
    x = scaled(np.column_stack([2.0 * truth - 1, rng.normal(size=(500, 3))]))
    votes = np.where(rng.random((500, 3)) < 0.6, truth[:, None], 1 - truth[:, None])
    human = np.where(np.arange(500) < 60, truth, -1)
    blind = Stacker(Evidence(votes, k=2)).fit(human)
    seeing = Stacker(Evidence(votes, k=2, features=[x])).fit(human)
    right = [(fitted.labels[60:] == truth[60:]).mean() for fitted in (blind, seeing)]
    assert right[0] < 0.7
    assert right[1] > 0.8
    assert seeing.coefficients["taught 0"] > 1


def test_confidence_orders_items_with_equal_votes() -> None:
    votes = np.zeros((4, 1), dtype=np.int64)
    sure = np.array([[0.9], [0.7], [NAN], [0.8]])
    cold = Stacker(Evidence(votes, k=2, confidences=sure)).fit(nobody(4))
    assert cold.risk.argsort().tolist()[::3] == [0, 1]
    assert cold.risk[2] == pytest.approx(cold.risk[3])  # not stated is neither sure nor unsure


def test_log_probabilities_order_items_with_equal_votes() -> None:
    votes = np.zeros((3, 2), dtype=np.int64)
    logs = np.full((3, 2, 2), NAN)
    logs[0, 0] = [-0.01, -5.0]
    logs[1, 0] = [-0.6, -np.inf]  # cut off at -8, not infinite
    logs[2, 0] = [-0.6, -0.8]
    cold = Stacker(Evidence(votes, k=2, log_probs=logs)).fit(nobody(3))
    assert cold.risk[2] > cold.risk[0] > cold.risk[1] > 0


def test_risk_of_other_labels() -> None:
    cold = Stacker(Evidence(np.array([[0], [1]]), k=2)).fit(nobody(2))
    kept = cold.risk_of(np.array([1, -1]))
    assert kept[0] == pytest.approx(1 - cold.risk[0])
    assert np.isnan(kept[1])


def test_refitting_from_an_earlier_fit_changes_nothing() -> None:
    truth, votes = noisy_votes(200, 3, 4)
    stacker = Stacker(Evidence(votes, k=3))
    early = stacker.fit(np.where(np.arange(200) < 40, truth, -1))
    late = np.where(np.arange(200) < 80, truth, -1)
    warm = stacker.fit(late, start=early.start)
    np.testing.assert_allclose(warm.probs, stacker.fit(late).probs, atol=2e-3)


def test_a_weight_of_two_is_two_labels() -> None:
    truth, votes = noisy_votes(60, 2, 3)
    twice = Stacker(Evidence(np.vstack([votes, votes]), k=2)).fit(np.concatenate([truth, truth]))
    weighted = Stacker(Evidence(votes, k=2)).fit(truth, weights=np.full(60, 2.0))
    np.testing.assert_allclose(twice.probs[:60], weighted.probs, atol=1e-3)


def test_names_of_labels_do_not_matter() -> None:
    truth, votes = noisy_votes(150, 3, 4, seed=8)
    human = np.where(np.arange(150) < 50, truth, -1)
    rename = np.array([2, 0, 1, -1])
    one = Stacker(Evidence(votes, k=3)).fit(human).probs
    other = Stacker(Evidence(rename[votes], k=3)).fit(rename[human]).probs
    np.testing.assert_allclose(other[:, rename[:3]], one, atol=2e-3)


def random_problem(seed: int = 0) -> tuple[Any, int]:
    rng = np.random.default_rng(seed)
    n, k, m, g = 40, 3, 4, 4
    prior = Prior(rng.normal(size=m), rng.uniform(0.3, 1.5, size=m), 0.7, 0.8)
    groups = rng.integers(0, g - 1, size=n)  # one group is empty
    targets = rng.dirichlet(np.ones(k), size=n)
    inputs = rng.normal(size=(n, k, m))
    return Problem(inputs, groups, targets, rng.uniform(0.2, 2, n), prior, g), m + k + g * k


def test_gradient_is_the_slope_of_the_loss() -> None:
    problem, size = random_problem()
    z = np.random.default_rng(1).normal(size=size)
    step = 1e-6 * np.eye(size)
    slope = [(problem.loss(z + s)[0] - problem.loss(z - s)[0]) / 2e-6 for s in step]
    np.testing.assert_allclose(problem.loss(z)[1], slope, atol=1e-5)


def test_covariance_is_the_inverse_of_the_second_derivative() -> None:
    problem, size = random_problem()
    z = np.random.default_rng(2).normal(size=size)
    m, k, g = 4, 3, 4
    step = 1e-6 * np.eye(size)
    second = np.array([(problem.loss(z + s)[1] - problem.loss(z - s)[1]) / 2e-6 for s in step])
    scale = np.concatenate([problem.prior.sd, np.full(k, 0.7), np.full(g * k, 0.8)])
    expected = np.linalg.inv(second) * scale[:, None] * scale
    common, cross, own = problem.covariance(z)
    np.testing.assert_allclose(common, expected[: m + k, : m + k], atol=1e-6)
    for group in range(g):
        part = slice(m + k + group * k, m + k + (group + 1) * k)
        np.testing.assert_allclose(cross[group], expected[: m + k, part], atol=1e-6)
        np.testing.assert_allclose(own[group], expected[part, part], atol=1e-6)


def test_doubt_is_the_variance_of_each_gap() -> None:
    """Against coefficients drawn from the same normal distribution."""
    problem, _ = random_problem()
    model, _ = fit(
        problem.inputs, problem.groups, problem.targets, problem.weights, problem.prior, n_groups=4
    )
    inputs, groups = problem.inputs[:6], problem.groups[:6]
    logits = inputs @ model.shared + model.beta + model.bias[groups]
    best = logits.argmax(axis=1)
    for item in range(6):
        group = int(groups[item])
        whole = np.block(
            [[model.common, model.cross[group]], [model.cross[group].T, model.own[group]]]
        )
        rows = np.hstack([inputs[item], np.eye(3), np.eye(3)])
        step = rows - rows[best[item]]
        expected = np.einsum("ca,ab,cb->c", step, whole, step)
        gap = (logits[item] - logits[item, best[item]]) / np.sqrt(1 + np.pi / 8 * expected)
        probs = np.exp(gap) / np.exp(gap).sum()
        np.testing.assert_allclose(model.probs(inputs, groups)[item], probs, atol=1e-9)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"confidences": np.zeros((2, 2))}, r"confidences has shape \(2, 2\), but .* \(2, 1\)"),
        ({"log_probs": np.zeros((2, 1, 3))}, r"log_probs has shape .* it is \(2, 1, 2\)"),
        ({"features": [np.zeros((3, 4))]}, r"features\[0\] has shape \(3, 4\), .* \(2, d\)"),
    ],
)
def test_evidence_must_fit_together(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Evidence(np.zeros((2, 1), dtype=np.int64), k=2, **given)


@pytest.mark.parametrize("human", [np.zeros(3, dtype=int), np.array([0, 2]), np.array([-2, 0])])
def test_human_labels_must_be_labels(human: NDArray[np.int64]) -> None:
    stacker = Stacker(Evidence(np.zeros((2, 1), dtype=np.int64), k=2))
    with pytest.raises(ValueError, match=r"must be \(2,\) with labels 0\.\.1, or -1"):
        stacker.fit(human)


def test_no_items_and_no_calls_are_fine() -> None:
    empty = Stacker(Evidence(np.zeros((0, 3), dtype=np.int64), k=2)).fit(nobody(0))
    assert empty.probs.shape == (0, 2)
    silent = Stacker(Evidence(np.zeros((4, 0), dtype=np.int64), k=2)).fit(np.array([1, 1, 1, -1]))
    assert silent.labels[3] == 1


def test_many_classes_stay_quick() -> None:
    """A loose limit, 20 times what one core needs: it fails when cost grows with a wrong power."""
    truth, votes = noisy_votes(2000, 60, 5)
    started = perf_counter()
    fitted = Stacker(Evidence(votes, k=60)).fit(np.where(np.arange(2000) < 300, truth, -1))
    assert perf_counter() - started < 30
    assert (fitted.labels[300:] == truth[300:]).mean() > 0.8


def test_calls_that_were_not_made_leave_the_say_to_the_others() -> None:
    """Five calls that agree are as sure, whether or not a second model was asked elsewhere."""
    alone = Stacker(Evidence(np.zeros((3, 5), dtype=np.int64), 2)).fit(np.full(3, -1))
    votes = np.zeros((3, 10), dtype=np.int64)
    votes[0, 5:] = -1
    called = votes >= 0
    models = ["small"] * 5 + ["big"] * 5
    beside = Stacker(Evidence(votes, 2, models=models, called=called)).fit(np.full(3, -1))
    half = Stacker(Evidence(votes, 2, models=models)).fit(np.full(3, -1))
    assert abs(beside.risk[0] - alone.risk[0]) < 0.04
    assert half.risk[0] > beside.risk[0] + 0.05
