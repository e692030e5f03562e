"""What each kind of evidence adds: it helps where it is true, and is harmless where it is not."""

import numpy as np
import pytest

from routing.crowd import Annotator, made_up
from routing.evidence import MOST_CLASSES, Evidence
from routing.stacker import HALFWAY, SMALL, Stacker
from routing.types import Labels

NAN = float("nan")


def accuracy(evidence: Evidence, truth: Labels, answered: int) -> float:
    """Of the labels of those that nobody has answered."""
    human = np.where(np.arange(len(truth)) < answered, truth, -1)
    return float((Stacker(evidence).fit(human).labels == truth)[answered:].mean())


def loss(evidence: Evidence, truth: Labels, answered: int) -> float:
    """Mean log loss of those that nobody has answered."""
    human = np.where(np.arange(len(truth)) < answered, truth, -1)
    probs = Stacker(evidence).fit(human).probs[np.arange(len(truth)), truth]
    return float(-np.log(probs[answered:]).mean())


def votes_of(skills: list[float], n: int, k: int, seed: int = 0) -> tuple[Labels, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, size=n)
    right = rng.random((n, len(skills))) < skills
    other = (truth[:, None] + rng.integers(1, k, size=right.shape)) % k
    return truth, np.where(right, truth[:, None], other)


def chances(truth: Labels, k: int, m: int, sharp: float, seed: int = 0) -> np.ndarray:
    """Log-probabilities of m calls that lean to the truth; sharp 0 is noise."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(truth), m, k)) + sharp * np.eye(k)[truth][:, None, :]
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=2, keepdims=True)))


def test_label_probabilities_help_where_they_know_more_than_the_vote() -> None:
    truth, votes = votes_of([0.6, 0.6], 800, 3)
    told = Evidence(votes, 3, log_probs=chances(truth, 3, 2, sharp=2.0))
    silent = Evidence(votes, 3)
    for answered in (0, 40, 200):
        assert accuracy(told, truth, answered) > accuracy(silent, truth, answered) + 0.1
        assert loss(told, truth, answered) < loss(silent, truth, answered) - 0.1


def test_label_probabilities_that_know_nothing_do_little_harm() -> None:
    truth, votes = votes_of([0.7, 0.7], 800, 3)
    noisy = Evidence(votes, 3, log_probs=chances(truth, 3, 2, sharp=0.0))
    silent = Evidence(votes, 3)
    assert loss(noisy, truth, 200) < loss(silent, truth, 200) + 0.02
    assert accuracy(noisy, truth, 200) > accuracy(silent, truth, 200) - 0.03


def test_what_is_absent_changes_nothing() -> None:
    truth, votes = votes_of([0.7, 0.7], 200, 3)
    human = np.where(np.arange(200) < 50, truth, -1)
    plain = Stacker(Evidence(votes, 3)).fit(human).probs
    for empty in (
        Evidence(votes, 3, log_probs=np.full((200, 2, 3), NAN)),
        Evidence(votes, 3, confidences=np.full((200, 2), NAN)),
        Evidence(votes, 3, models=["one", "one"]),
    ):
        np.testing.assert_array_equal(Stacker(empty).fit(human).probs, plain)


def test_probabilities_of_some_items_leave_the_others_alone() -> None:
    truth, votes = votes_of([0.7, 0.7], 400, 3)
    logs = chances(truth, 3, 2, sharp=2.0)
    logs[200:] = NAN
    logs[:200, 1] = NAN
    told = Stacker(Evidence(votes, 3, log_probs=logs)).fit(np.full(400, -1))
    plain = Stacker(Evidence(votes, 3)).fit(np.full(400, -1))
    np.testing.assert_allclose(told.probs[200:], plain.probs[200:], atol=1e-9)
    right = [(fitted.labels == truth)[:200].mean() for fitted in (told, plain)]
    assert right[0] > right[1] + 0.05


def test_models_have_an_equal_say_at_first_however_often_each_was_asked() -> None:
    votes = np.array([[0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, -1]])
    models = ["much asked"] * 4 + ["other", "third"]
    assert Stacker(Evidence(votes, 2)).fit(np.array([-1, -1])).labels.tolist() == [0, 0]
    told = Stacker(Evidence(votes, 2, models=models)).fit(np.array([-1, -1]))
    assert told.labels.tolist() == [1, 0]
    assert told.risk[1] == pytest.approx(0.5)


def test_a_model_that_confuses_one_class_is_found_out() -> None:
    """The first says 2 for every 1; the second is a coin, but knows 1 from 2."""
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, size=900)
    first = np.where(truth == 1, 2, truth)
    lost = rng.random(900) < 0.4
    second = np.where(lost, rng.integers(0, 3, size=900), truth)
    votes = np.column_stack([first, first, second, second])
    plain, told = Evidence(votes, 3), Evidence(votes, 3, models=["a", "a", "b", "b"])
    assert accuracy(told, truth, 60) > accuracy(plain, truth, 60) + 0.02
    for answered in (60, 200):
        assert loss(told, truth, answered) < loss(plain, truth, answered) - 0.01


def test_models_that_are_alike_are_no_worse_off() -> None:
    for seed in range(3):
        evidence, truth = made_up(
            500, 3, [Annotator(skill=0.7, calls=2), Annotator(skill=0.7, calls=2)], seed=seed
        )
        plain = Evidence(evidence.votes, 3, features=evidence.features)
        assert loss(evidence, truth, 100) < loss(plain, truth, 100) + 0.02


def test_many_classes_are_trusted_as_a_whole() -> None:
    votes = np.zeros((3, 2), dtype=np.int64)
    many = Evidence(votes, MOST_CLASSES + 1, models=["a", "b"])
    assert many.names[2:] == ("model 0", "model 1")
    assert many.inputs.shape == (3, 13, 4)
    few = Evidence(votes, MOST_CLASSES, models=["a", "b"])
    assert few.inputs.shape == (3, 12, 26)
    with pytest.raises(ValueError, match="1 models are named for 2 columns of votes"):
        Evidence(votes, 3, models=["a"])


@pytest.mark.parametrize("seed", range(4))
def test_a_judge_that_likes_what_stands_first_is_found_out(seed: int) -> None:
    """It names the first answer blindly every other time; what it says of the second is true."""
    n = 800
    truth, others = votes_of([0.7, 0.7], n, 2, seed)
    first = np.where(np.random.default_rng(seed + 50).random(n) < 0.5, 0, truth)
    votes = np.column_stack([first, others])
    plain, told = Evidence(votes, 2), Evidence(votes, 2, models=["a first", "other", "other"])
    assert loss(told, truth, 100) < loss(plain, truth, 100)
    model = Stacker(told).fit(np.where(np.arange(n) < 200, truth, -1)).coefficients
    assert model["model 0: 1"] > model["model 0: 0"] + 0.2


def test_order_inconsistent_pairs_come_first() -> None:
    rng = np.random.default_rng(8)
    truth = rng.integers(0, 2, size=200)
    votes = np.column_stack([truth, np.where(rng.random(200) < 0.3, 1 - truth, truth)])
    evidence = Evidence(votes, 2, models=["a first", "b first"])
    risk = Stacker(evidence).fit(np.where(np.arange(200) < 30, truth, -1)).risk[30:]
    inconsistent = (votes[:, 0] != votes[:, 1])[30:]
    assert risk[inconsistent].min() > risk[~inconsistent].max()


def test_small_sets_keep_to_what_was_believed() -> None:
    """Of equal answers, a set of 149 items makes less than one of 150."""
    truth, votes = votes_of([0.8] * 3, SMALL, 2)
    contrary = np.where(np.arange(SMALL) < HALFWAY, 1 - truth, -1)
    before = Stacker(Evidence(votes, 2)).fit(np.full(SMALL, -1)).probs
    large = Stacker(Evidence(votes, 2)).fit(contrary).probs
    small = Stacker(Evidence(votes[:-1], 2)).fit(contrary[:-1]).probs
    moved = np.abs(large - before).mean()
    assert moved > 0.1
    # half and half after so many answers
    np.testing.assert_allclose(small, (large + before)[:-1] / 2, atol=1e-3)
