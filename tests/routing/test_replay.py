"""Courses of events: nobody sees what was not bought, and means agree with the exact curve."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from routing.crowd import Annotator, confusion, made_up
from routing.evidence import Evidence
from routing.policies.budget import Budget
from routing.policies.cost import Cost
from routing.replay import (
    Prices,
    Strategy,
    answers,
    buys,
    learned,
    learned_changes,
    moments,
    pilot_size,
    replay,
    strategies,
    unchanging,
)
from routing.risk import RiskModel
from routing.simulate import curve
from routing.types import Labels, Scores
from routing.uncertainty import entropy, majority

FEW_SEEDS = range(4)


def some_set(n: int = 300, seed: int = 1) -> tuple[Evidence, Labels]:
    annotators = [Annotator(skill=0.7, calls=5, sureness=0.1), Annotator(skill=0.6, calls=2)]
    return made_up(n, 3, annotators, seed=seed)


def test_a_score_that_never_changes_gives_the_exact_curve_on_average() -> None:
    evidence, truth = some_set()
    scores = entropy(evidence.votes, 3)
    tried = {"entropy": strategies(evidence)["entropy"]}
    course = replay(truth, tried, k=3, seeds=range(200), batch=0.1, growth=0.0)["entropy"]
    exact = curve(scores, majority(evidence.votes, 3) != truth, shares=course.shares[::10])
    noise = course.error.std(axis=0)[::10] / np.sqrt(200)
    assert (np.abs(course.error.mean(axis=0)[::10] - exact) <= 4 * noise + 1e-12).all()
    assert noise[1:-1].max() > 0  # ties were cut by chance


def test_the_same_seeds_give_the_same_courses() -> None:
    evidence, truth = some_set()
    tried = strategies(evidence)
    one = replay(truth, tried, k=3, seeds=FEW_SEEDS, people=0.1, batch=0.1)
    other = replay(truth, tried, k=3, seeds=FEW_SEEDS, people=0.1, batch=0.1)
    assert list(one) == ["random", "entropy", "confidence", "learned", "learned_keep"]
    for name, course in one.items():
        np.testing.assert_array_equal(course.error, other[name].error)
        assert course.error.shape == (4, 101)
        assert (course.end_share == 1).all()


def test_learning_beats_entropy_where_text_and_people_tell_more() -> None:
    evidence, truth = some_set(600)
    courses = replay(truth, strategies(evidence), k=3, seeds=FEW_SEEDS, batch=0.05)
    area = {name: float(course.area.mean()) for name, course in courses.items()}
    assert area["learned"] < 0.8 * area["entropy"] < 0.8 * area["random"]
    assert area["learned"] < area["learned_keep"] < area["entropy"]


def test_a_router_only_sees_what_was_bought() -> None:
    """What the others would have been labelled changes nothing that happens before."""
    evidence, truth = some_set(200)
    strategy = Strategy(learned(evidence), pilot=True)
    first = list(moments(truth, strategy, seed=3))
    halfway = first[5].human >= 0
    lies = np.where(halfway, truth, (truth + 1) % 3)
    second = list(moments(lies, strategy, seed=3))
    for one, other in zip(first[:6], second[:6], strict=True):
        np.testing.assert_array_equal(one.human, other.human)
        np.testing.assert_array_equal(one.scores, other.scores)
    assert first[9].human.tolist() != second[9].human.tolist()


def test_people_answer_in_batches_that_grow() -> None:
    evidence, truth = some_set(400)
    strategy = Strategy(learned(evidence), pilot=True)
    course = list(moments(truth, strategy, seed=0, batch=0.05, growth=0.2))
    bought = [int((moment.human >= 0).sum()) for moment in course]
    assert bought[:7] == [0, 8, 28, 48, 68, 88, 108]  # pilot 2 %, then 5 %
    assert bought[7:10] == [130, 156, 187]  # then a fifth of what there was
    assert bought[-1] == 400
    for before, after in pairwise(course[1:]):
        new = (after.human >= 0) & (before.human < 0)
        left = after.human < 0
        if left.any():
            assert before.scores[new].min() >= before.scores[left].max()


def test_the_pilot_is_drawn_by_chance_and_small_sets_have_none() -> None:
    evidence, truth = some_set(300)
    strategy = Strategy(learned(evidence), pilot=True)
    drawn = np.zeros(300)
    for seed in range(150):
        course = moments(truth, strategy, seed=seed)
        next(course)
        drawn += next(course).human >= 0
    assert drawn.sum() == 150 * pilot_size(300) == 900
    assert drawn.max() <= 3 + 5 * np.sqrt(3)
    evidence, truth = some_set(100)
    strategy = Strategy(learned(evidence), pilot=True)
    before, after, *_ = moments(truth, strategy, seed=0)
    assert (after.human >= 0).sum() == 5
    assert before.scores[after.human >= 0].min() >= before.scores[after.human < 0].max()


def test_people_err_as_they_are_said_to() -> None:
    truth = np.repeat([0, 1, 2], 3000)
    says = np.array([[0.9, 0.1, 0.0], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]])
    said = answers(truth, says, seed=1)
    for label in range(3):
        share = np.bincount(said[truth == label], minlength=3) / 3000
        np.testing.assert_allclose(share, says[label], atol=4 * 0.5 / np.sqrt(3000))
    np.testing.assert_array_equal(answers(truth, np.eye(3), seed=2), truth)
    tried = {"none": Strategy(unchanging(np.zeros(9000), truth))}
    course = replay(truth, tried, k=3, seeds=[5], people=0.2, batch=0.5)["none"]
    assert course.error[0, 0] == 0  # the model was right, people repair what was no error
    assert course.error[0, -1] == pytest.approx(0.2, abs=4 * 0.4 / np.sqrt(9000))


def test_a_policy_may_end_before_everyone_is_asked() -> None:
    evidence, truth = some_set()
    priced = Strategy(
        learned(evidence),
        lambda items: Cost(error_usd=1.0, hour_usd=36.0, audit_rate=0.0),  # 0.30 an answer
        pilot=True,
    )
    prices = Prices(model_usd=0.01, answer_usd=0.3)
    course = replay(truth, {"cost": priced}, k=3, seeds=FEW_SEEDS, prices=prices)["cost"]
    assert (course.end_share < 0.8).all()
    assert (course.end_error < 0.1).all()
    ended = course.shares > course.end_share[:, None] + 1e-9
    np.testing.assert_array_equal(np.isnan(course.error), ended)
    assert np.isnan(course.area).all()
    np.testing.assert_allclose(course.usd[:, 10], 300 * (0.01 + 0.1 * 0.3))
    _, mean, _ = course.band()
    assert np.isnan(mean[-1])
    assert mean[0] > mean[10]


def test_policies_explore_on_the_way() -> None:
    evidence, truth = some_set(400)
    curious = Strategy(
        learned(evidence), lambda items: Budget(items=items, explore=0.5, audit_rate=0.0)
    )
    course = list(moments(truth, curious, seed=0, batch=0.1, growth=0.0))
    before, after = course[3], course[4]
    new = (after.human >= 0) & (before.human < 0)
    left = before.human < 0
    top = np.argsort(-np.where(left, before.scores, -1), kind="stable")[:20]
    assert new.sum() == 40
    assert new[top].all()
    assert before.scores[new].min() < np.median(before.scores[left])


def test_bands_hold_the_seeds_and_repairs_are_differences() -> None:
    evidence, truth = some_set()
    course = replay(truth, strategies(evidence), k=3, seeds=range(10), batch=0.1)["random"]
    low, mean, high = course.band(level=0.5)
    assert (low <= high).all()
    inside = (course.error >= low) & (course.error <= high)
    assert inside.mean(axis=0).min() >= 0.4
    np.testing.assert_allclose(mean, course.error.mean(axis=0))
    least, fewer, most = course.repaired(0.2, labels=30)
    assert fewer == pytest.approx(300 * (mean[20] - mean[30]))
    assert least <= fewer <= most


def test_what_the_next_labels_buy() -> None:
    risk = np.array([0.5, np.nan, 0.9, 0.2, 0.05])
    human = np.array([False, False, True, False, False])
    assert buys(risk, human, labels=2) == pytest.approx(0.7)
    assert buys(risk, human) == pytest.approx(0.75)
    assert buys(risk, human, people_error=0.1) == pytest.approx(0.4 + 0.1)  # .05 is not worth it
    assert buys(risk, np.ones(5, dtype=bool)) == 0.0


def test_risks_of_a_calibrated_model_foretell_its_repairs() -> None:
    evidence, truth = some_set(1200)
    course = list(moments(truth, Strategy(learned(evidence), pilot=True), seed=0))
    for at in (4, 8, 12):
        moment = course[at]
        left = np.flatnonzero(moment.human < 0)
        top = left[np.argsort(-moment.scores[left], kind="stable")[:100]]
        wrong = int((moment.labels != truth)[top].sum())
        foretold = buys(moment.scores, moment.human >= 0)
        assert wrong == pytest.approx(foretold, abs=4 * 5)  # sd of 100 tosses is at most 5


def test_answers_that_are_no_classes_are_routed_by_what_people_change() -> None:
    rng = np.random.default_rng(6)
    doubt = rng.uniform(size=300)
    changed = (rng.uniform(size=300) < doubt**2).astype(np.int64)
    tried = {
        "changes": Strategy(learned_changes(RiskModel({"entropy": doubt})), pilot=True),
        "random": Strategy(unchanging(np.zeros(300), np.zeros(300, dtype=np.int64))),
    }
    courses = replay(changed, tried, k=2, seeds=FEW_SEEDS)
    assert courses["changes"].area.mean() < 0.7 * courses["random"].area.mean()


@pytest.mark.parametrize(
    ("truth", "settings", "message"),
    [
        (np.array([0, 3]), {}, r"truth must be \(n,\), n above 0, with labels 0..2"),
        (np.array([], dtype=int), {}, "n above 0"),
        (np.array([0, 1]), {"batch": 0.0}, "batch is 0.0, but must be above 0, up to 1"),
        (np.array([0, 1]), {"people": 1.5}, "skill must be a chance"),
        (np.array([0, 1]), {"people": np.eye(2)}, r"skill must be .* \(3, 3\) chances"),
    ],
)
def test_what_cannot_be_replayed(truth: Labels, settings: dict[str, Any], message: str) -> None:
    def look(human: Labels) -> tuple[Scores, Labels]:
        return np.zeros(len(human)), np.zeros(len(human), dtype=np.int64)

    with pytest.raises(ValueError, match=message):
        replay(truth, {"x": Strategy(lambda: look)}, k=3, **settings)


def test_made_up_annotators_have_their_skill_and_err_together() -> None:
    skill = np.array([[0.9, 0.1], [0.4, 0.6]])
    alone, together = Annotator(skill=skill, calls=3, alike=0.0), Annotator(skill=0.8, calls=3)
    evidence, truth = made_up(8_000, 2, [alone, together], seed=2)
    votes = evidence.votes
    assert votes.shape == (8_000, 6)
    assert evidence.say.tolist() == [1 / 6] * 6
    for label in range(2):
        said = np.bincount(votes[truth == label, 0], minlength=2) / (truth == label).sum()
        np.testing.assert_allclose(said, skill[label], atol=0.1)  # topics differ
    wrong = votes != truth[:, None]
    assert np.corrcoef(wrong[:, 3], wrong[:, 4])[0, 1] > 0.6
    assert np.corrcoef(wrong[:, 0], wrong[:, 1])[0, 1] < 0.35
    again, _ = made_up(8_000, 2, [alone, together], seed=2)
    np.testing.assert_array_equal(again.votes, votes)
    np.testing.assert_allclose(confusion(0.8, 2), [[0.8, 0.2], [0.2, 0.8]])
