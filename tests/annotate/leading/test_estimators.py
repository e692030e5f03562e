"""Who is right: small cases by hand, the same by plain loops, and what must change nothing."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from annotate.consensus.confusions import belief, expected, heard, without_own
from annotate.consensus.dawid_skene import SMOOTHING, dawid_skene
from annotate.consensus.estimate import Answers, Estimate, Floats, Ints
from annotate.consensus.joint import COMMON, OWN, USUAL, in_common, joint
from annotate.consensus.vote import shares_of, voted
from routing.evidence import Evidence

Given = tuple[Ints, Ints, Ints]


def said(*answers: tuple[int, int, int]) -> Given:
    """(item, person, label) each."""
    table = np.array(answers, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def crowd(
    seed: int, n: int, p: int, k: int, per_item: int, good: tuple[float, float] = (0.6, 0.95)
) -> tuple[Given, Ints, NDArray[np.float64]]:
    """Answers of people who are right as often as drawn from `good`; what is right; how often."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(k, size=n)
    skill = rng.uniform(*good, size=p)
    items = np.repeat(np.arange(n), per_item)
    people = np.concatenate([rng.permutation(p)[:per_item] for _ in range(n)])
    right = rng.random(len(items)) < skill[people]
    wrong = (truth[items] + 1 + rng.integers(k - 1, size=len(items))) % k
    return (items, people, np.where(right, truth[items], wrong)), truth, skill


# ---- by hand


def test_the_vote_is_counted() -> None:
    given = said((0, 0, 1), (0, 1, 1), (0, 2, 0), (1, 0, 2), (3, 1, 0), (3, 2, 1))
    shares = shares_of(Answers(*given, 3, 4))
    thirds = [1 / 3] * 3
    assert shares == pytest.approx(np.array([[1 / 3, 2 / 3, 0], [0, 0, 1], thirds, [0.5, 0.5, 0]]))
    assert voted(*given, 3, n=4).label.tolist() == [1, 2, -1, -1]


@pytest.mark.parametrize(
    ("labels", "chance"),
    [
        ((0,), 0.8),
        ((0, 0), 0.9730),  # .8 x .9 against .2 x .1
        ((0, 1), 0.3077),  # .8 x .1 against .2 x .9
    ],
)
def test_people_are_heard_by_their_records(labels: tuple[int, ...], chance: float) -> None:
    answers = Answers(*said(*((0, at, label) for at, label in enumerate(labels))), 2, 1, 2)
    confusion = np.stack([belief(2, 0.8), belief(2, 0.9)])
    found = heard(answers.said(), confusion, np.array([0.5, 0.5]))
    assert found[0, 0] == pytest.approx(chance, abs=5e-5)
    alone = without_own(answers, found, confusion)
    if len(labels) == 1:
        assert alone[0] == pytest.approx([0.5, 0.5])
    else:  # the first answer's item as the second one alone tells it
        assert alone[0, 0] == pytest.approx(0.9 if labels[1] == 0 else 0.1)


def test_an_interval_by_hand() -> None:
    """Two answers to items that are certain, both right, and four that everybody has: of these 85 %
    are right. Then the chance is distributed as Beta(6.4, 1.6)."""
    quality = voted(*said((0, 0, 1), (1, 0, 0)), 2, known=np.array([1, 0])).quality
    assert quality.answers.tolist() == [2]
    assert quality.accuracy[0] == pytest.approx(0.8, abs=0.005)
    assert (quality.low[0], quality.high[0]) == pytest.approx((0.483, 0.981), abs=0.005)


def test_of_items_nobody_else_answered_nothing_is_learned_about_a_person() -> None:
    quality = voted(*said((0, 0, 1), (1, 0, 0), (2, 0, 1)), 2).quality
    assert quality.accuracy[0] == pytest.approx(4.4 / 6, abs=0.005)
    assert (quality.low[0], quality.high[0]) == pytest.approx((0.353, 0.972), abs=0.005)


@pytest.mark.parametrize(
    ("given", "k", "words"),
    [
        (said((0, 0, 2)), 2, r"labels holds 2\.\.2, but must lie in 0\.\.1"),
        (said((0, 0, 0)), 1, "at least 2 classes"),
        (said((-1, 0, 0)), 2, r"items holds -1"),
    ],
)
def test_what_is_no_answer_is_refused(given: Given, k: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        shares_of(Answers(*given, k))


# ---- by plain loops


def slowly(given: Given, n: int, p: int, k: int, steps: int) -> list[list[float]]:
    """Dawid and Skene's algorithm as they wrote it, with the same smoothing."""
    answers = list(zip(*(part.tolist() for part in given), strict=True))
    posterior = [[0.0] * k for _ in range(n)]
    for item, _, label in answers:
        posterior[item][label] += 1
    seen = [sum(row) for row in posterior]
    posterior = [
        [v / c for v in row] if c else [1 / k] * k for row, c in zip(posterior, seen, strict=True)
    ]
    for _ in range(steps):
        known = [row for row, c in zip(posterior, seen, strict=True) if c]
        shares = [(sum(row[c] for row in known) + 1) / (len(known) + k) for c in range(k)]
        counts = [[[SMOOTHING] * k for _ in range(k)] for _ in range(p)]
        for item, person, label in answers:
            for right in range(k):
                counts[person][right][label] += posterior[item][right]
        logs = [[log(share) for share in shares] for _ in range(n)]
        for item, person, label in answers:
            for right in range(k):
                row = counts[person][right]
                logs[item][right] += log(row[label] / sum(row))
        posterior = [
            [1 / sum(np.exp(np.array(row) - own)) for own in row] if c else [1 / k] * k
            for row, c in zip(logs, seen, strict=True)
        ]
    return posterior


@pytest.mark.parametrize(("seed", "k"), [(0, 2), (1, 3), (2, 5)])
def test_dawid_skene_is_what_the_loops_say(seed: int, k: int) -> None:
    given, _, _ = crowd(seed, 30, 6, k, 3)
    found = dawid_skene(*given, k, n=32, p=6, steps=7)  # two items that nobody answered
    wanted = slowly(given, 32, 6, k, 7)
    assert found.posterior == pytest.approx(np.array(wanted), abs=1e-9)
    assert found.label[30:].tolist() == [-1, -1]


def test_the_joint_posterior_is_prior_times_everybodys_record() -> None:
    given, truth, _ = crowd(3, 60, 8, 3, 2)
    machine = Evidence(truth[:, None].copy(), 3)
    found = joint(*given, 3, machine, n=60, p=8)
    for item in range(60):
        chances = found.prior[item].copy()
        for at in np.flatnonzero(given[0] == item):
            chances *= found.quality.confusion[given[1][at], :, given[2][at]]
        assert found.posterior[item] == pytest.approx(chances / chances.sum())


def test_records_start_at_what_people_have_in_common() -> None:
    """A person with three answers is near it; counts by hand, the posterior being certain."""
    known = np.array([0, 0, 1])
    given = said((0, 0, 0), (1, 0, 1), (2, 0, 1))
    found = joint(*given, 2, known=known)
    own = np.array([[1, 1], [0, 1]]) + OWN * belief(2, USUAL)  # nobody shares an item with them
    own /= own.sum(axis=1, keepdims=True)
    assert found.quality.confusion[0] == pytest.approx(own)
    assert found.label.tolist() == [0, 0, 1]


def test_what_people_have_in_common_by_hand() -> None:
    """Two people on two items that are known; a third item is known too, but one answered it."""
    given = said((0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 0), (2, 0, 1))
    common = in_common(Answers(*given, 2), np.array([0, 1, 0]))
    assert (COMMON, USUAL) == (10, 0.85)
    assert common == pytest.approx(np.array([[10.5 / 12, 1.5 / 12], [2.5 / 12, 9.5 / 12]]))


def test_expected_counts_by_hand() -> None:
    answers = Answers(*said((0, 0, 1), (1, 0, 1), (1, 1, 0)), 2)
    counts = expected(answers.said(), np.array([[0.25, 0.75], [1.0, 0.0]]), 2)
    assert counts.tolist() == [[[0, 1.25], [0, 0.75]], [[1, 0], [0, 0]]]


# ---- what must change nothing

WAYS: dict[str, Callable[..., Estimate]] = {
    "voted": voted,
    "dawid_skene": dawid_skene,
    "joint": joint,
}


@pytest.mark.parametrize("way", WAYS)
def test_names_and_order_do_not_matter(way: str) -> None:
    (items, people, labels), _, _ = crowd(4, 40, 7, 3, 3)
    rng = np.random.default_rng(0)
    order, other = rng.permutation(len(items)), [rng.permutation(size) for size in (40, 7, 3)]
    run = WAYS[way]
    one = run(items, people, labels, 3)
    two = run(other[0][items[order]], other[1][people[order]], other[2][labels[order]], 3)
    back = two.posterior[other[0]][:, other[2]]
    assert back == pytest.approx(one.posterior, abs=1e-9)
    assert two.quality.accuracy[other[1]] == pytest.approx(one.quality.accuracy)
    turned = two.quality.confusion[other[1]][:, other[2]][:, :, other[2]]
    assert turned == pytest.approx(one.quality.confusion, abs=1e-9)


def with_machine(seed: int = 5, per_item: int = 1) -> tuple[Given, Ints, Ints]:
    """People who are right in 85 % of cases, and seven calls of a machine that err together."""
    given, truth, _ = crowd(seed, 900, 12, 3, per_item, (0.85, 0.85))
    rng = np.random.default_rng(seed)
    wrong = (truth + 1 + rng.integers(2, size=len(truth))) % 3
    once = np.where(rng.random(len(truth)) < 0.8, truth, wrong)
    votes = np.repeat(once[:, None], 7, axis=1)
    other = rng.random(votes.shape) < 0.05
    return given, truth, np.where(other, rng.integers(3, size=votes.shape), votes)


def test_with_a_machine_items_and_people_may_be_renamed_too() -> None:
    (items, people, labels), _, votes = with_machine()
    rng = np.random.default_rng(0)
    halves = rng.random(900) < 0.5
    order = rng.permutation(900)
    one = joint(items, people, labels, 3, Evidence(votes, 3), halves=halves)
    placed, parted = np.empty_like(votes), np.empty_like(halves)
    placed[order], parted[order] = votes, halves
    two = joint(order[items], 11 - people, labels, 3, Evidence(placed, 3), halves=parted)
    assert two.posterior[order] == pytest.approx(one.posterior, abs=1e-3)


def test_calls_of_one_machine_do_not_outvote_people() -> None:
    """However often each vote is repeated; as annotators of equal rank they would win."""
    given, truth, votes = with_machine(per_item=2)
    found = [
        joint(*given, 3, Evidence(np.repeat(votes, copies, axis=1), 3)) for copies in (1, 3, 9)
    ]
    for other in found[1:]:
        assert other.posterior == pytest.approx(found[0].posterior, abs=1e-6)
        assert (other.label == found[0].label).all()
    items, people, labels = given
    n, m = votes.shape
    crowded = dawid_skene(
        np.concatenate([items, np.repeat(np.arange(n), m)]),
        np.concatenate([people, np.tile(np.arange(12, 12 + m), n)]),
        np.concatenate([labels, votes.ravel()]),
        3,
    )
    assert (found[0].label == truth).mean() > (crowded.label == truth).mean() + 0.05


# ---- what it is for


def test_one_answer_each_and_a_machine_are_better_than_either() -> None:
    """A machine that is less sure where it is wrong."""
    given, truth, votes = with_machine()
    wrong = np.median(votes, axis=1) != truth
    sure = np.random.default_rng(1).normal(0.85, 0.1, size=900) - 0.15 * wrong
    stated = np.repeat(np.clip(sure, 0, 1)[:, None], 7, axis=1)
    found = joint(*given, 3, Evidence(votes, 3, confidences=stated))
    people, machine = (given[2] == truth).mean(), (np.median(votes, axis=1) == truth).mean()
    assert (found.label == truth).mean() > max(people, machine) + 0.03


def test_dawid_skene_finds_who_is_good() -> None:
    given, truth, skill = crowd(6, 400, 10, 3, 5, (0.35, 0.95))
    found = dawid_skene(*given, 3)
    vote = shares_of(Answers(*given, 3)).argmax(axis=1)
    assert (found.label == truth).mean() > (vote == truth).mean() + 0.02
    assert np.corrcoef(found.quality.accuracy, skill)[0, 1] > 0.95


def test_intervals_hold_as_often_as_they_say() -> None:
    """Of people who answered from a few to two hundred items, three per item."""
    inside, count, width = 0, 0, []
    for seed in range(6):
        given, _, skill = crowd(seed, 300, 25, 3, 3, (0.5, 0.95))
        rng = np.random.default_rng(seed)
        kept = rng.random(len(given[0])) < rng.uniform(0.1, 1.0, size=25)[given[1]]
        found = joint(*(part[kept] for part in given), 3, n=300, p=25).quality
        inside += int(((found.low <= skill) & (skill <= found.high)).sum())
        count += 25
        width += (found.high - found.low).tolist()
    assert 0.9 <= inside / count <= 0.99
    assert 0.1 < float(np.mean(width)) < 0.5


def test_what_is_known_is_kept_and_teaches() -> None:
    """A person against two who are always wrong: the vote is lost until somebody decides."""
    truth = np.arange(40) % 2
    given = said(
        *((i, p, int(truth[i] if p == 0 else 1 - truth[i])) for i in range(40) for p in range(3))
    )
    assert (dawid_skene(*given, 2).label != truth).all()
    known = np.where(np.arange(40) < 30, truth, -1)
    for way in WAYS.values():
        found = way(*given, 2, known=known)
        assert (found.label[:30] == truth[:30]).all()
        assert found.quality.accuracy[0] > 0.65 > 0.4 > found.quality.accuracy[1]
    assert (dawid_skene(*given, 2, known=known).label == truth).all()


def test_only_planned_answers_tell_what_people_have_in_common() -> None:
    """Second people asked only where the first was wrong would make all look bad."""
    given, truth, _ = crowd(8, 600, 10, 2, 2, (0.9, 0.9))
    items, _, labels = given
    first = np.arange(len(items)) % 2 == 0
    wrong = labels[first] != truth
    kept = first | np.repeat(wrong, 2) | (items < 60)
    planned = (first | (items < 60))[kept]
    part = tuple(part[kept] for part in given)
    spoiled = in_common(Answers(*part, 2))  # type: ignore[arg-type]
    fair = in_common(Answers(*part, 2).only(planned))  # type: ignore[arg-type]
    assert float(np.diag(spoiled).mean()) < 0.8 < 0.86 < float(np.diag(fair).mean())


def test_answers_in_sight_of_the_machine_teach_nothing_about_it() -> None:
    given, _, votes = with_machine()
    machine = Evidence(votes, 3)
    copied = (given[0], given[1], votes[given[0], 0])  # everybody says what they were shown
    cold = joint(*copied, 3, machine, blind=np.zeros(900, dtype=bool)).prior
    fooled = joint(*copied, 3, machine).prior
    assert float(fooled.max(axis=1).mean()) > float(cold.max(axis=1).mean()) + 0.02
    nobody = joint(given[0][:0], given[1][:0], given[2][:0], 3, machine, n=900, p=0).prior
    assert cold == pytest.approx(nobody)


def test_chances_may_stand_for_the_machine() -> None:
    given, truth, votes = with_machine()
    right = votes[:, 0] == np.arange(3)[:, None]
    chances: Any = np.where(right.T, 0.7, 0.15)
    found = joint(*given, 3, chances)
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(900))
    assert (found.label == truth).mean() > (votes[:, 0] == truth).mean()


def test_nobody_and_nothing() -> None:
    empty: Floats = np.zeros((0, 2))
    none = said()
    for way in WAYS.values():
        assert way(*none, 2).posterior.shape == empty.shape
        found = way(*none, 2, n=2)
        assert found.posterior.tolist() == [[0.5, 0.5]] * 2
        assert found.label.tolist() == [-1, -1]
