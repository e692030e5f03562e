"""Risk from distances: that of votes where answers are classes, by hand where they are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.distances import chance_beyond, pairwise, risk_from_distances
from routing.risk import RiskModel
from routing.uncertainty import counts

NAN = float("nan")


@given(st.lists(st.lists(st.integers(-1, 2), min_size=5, max_size=5), min_size=1, max_size=8))
def test_of_classes_it_is_the_share_that_differs_from_the_majority(rows: list[list[int]]) -> None:
    votes = np.array(rows)
    answers = [[None if vote < 0 else vote for vote in row] for row in rows]
    distances = pairwise(answers, lambda a, b: float(a != b))
    central = risk_from_distances(distances)
    counted = counts(votes, 3)
    for item, row in enumerate(rows):
        m, most = counted[item].sum(), counted[item].max()
        if m == 0:
            assert central.answer[item] == -1
        else:
            assert counted[item][row[central.answer[item]]] == most
        if m < 2:
            assert np.isnan(central.risk[item])
        else:
            assert central.risk[item] == pytest.approx((m - most) / (m - 1))
            beyond = chance_beyond(distances, central.answer, 0.5)[item]
            assert beyond == pytest.approx((m - most) / (m - 1))


def test_ratings_by_hand() -> None:
    """A scale of 1 to 5, distances as they are: largest 4."""
    ratings = [[1, 2, 2, 5], [3, 3, 3, 3], [1, 5], [4], []]
    distances = pairwise(ratings, lambda a, b: float(abs(a - b)))
    assert distances.shape == (5, 4, 4)
    central = risk_from_distances(distances, largest=4)
    assert central.answer.tolist() == [1, 0, 0, 0, -1]
    np.testing.assert_allclose(central.risk, [(1 + 0 + 3) / 3 / 4, 0.0, 1.0, NAN, NAN])
    np.testing.assert_allclose(chance_beyond(distances, central.answer, 1), [1 / 3, 0, 1, NAN, NAN])


def test_sets_of_labels_are_told_apart_by_their_own_distance() -> None:
    asked = []

    def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
        asked.append((a, b))
        return 1 - len(a & b) / len(a | b)

    x, xy, z = frozenset("x"), frozenset("xy"), frozenset("z")
    answers = [[x, xy, xy], [x, xy, None], [x, z, z], [x, x, x]]
    central = risk_from_distances(pairwise(answers, jaccard))
    np.testing.assert_allclose(central.risk, [0.25, 0.5, 0.5, 0.0])
    assert [row[at] for row, at in zip(answers, central.answer, strict=True)] == [xy, x, z, x]
    assert len(asked) == 2  # equal answers are not asked, a pair is asked once
    lists = [[["x"], ["x", "y"]]]  # cannot be hashed
    assert pairwise(lists, lambda a, b: abs(len(a) - len(b)) / 2)[0, 0, 1] == 0.5


@pytest.mark.parametrize(
    ("distances", "message"),
    [
        (np.zeros((2, 3)), r"distances has shape \(2, 3\), but must be \(n, m, m\)"),
        (np.full((1, 2, 2), 1.5), "distances holds 1.5, but a distance is 0..1"),
        (np.full((1, 2, 2), -0.5), "distances holds -0.5"),
        (np.array([[[0.0, 0.5], [0.4, 0.0]]]), "distances is not symmetric"),
    ],
)
def test_what_is_no_distance(distances: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        risk_from_distances(distances)
    with pytest.raises(ValueError, match=r"largest is 0\.0, but must be above 0"):
        risk_from_distances(np.zeros((1, 2, 2)), largest=0.0)


def test_no_items_and_no_answers() -> None:
    assert risk_from_distances(np.zeros((0, 3, 3))).risk.shape == (0,)
    silent = risk_from_distances(np.zeros((2, 0, 0)))
    assert (silent.answer.tolist(), np.isnan(silent.risk).all()) == ([-1, -1], True)
    assert pairwise([], lambda a, b: 0.0).shape == (0, 0, 0)


def test_ratings_can_be_routed() -> None:
    """Raters of a model spread more where a person would say something else."""
    rng = np.random.default_rng(4)
    n = 400
    spread = rng.choice([0.3, 1.5], size=n)
    truth = rng.integers(2, 5, size=n)
    said = np.clip(np.rint(truth[:, None] + rng.normal(size=(n, 5)) * spread[:, None]), 1, 5)
    distances = pairwise(said.astype(int).tolist(), lambda a, b: abs(a - b) / 4)
    central = risk_from_distances(distances)
    kept = said[np.arange(n), central.answer]
    changed = kept != truth
    order = np.argsort(-central.risk, kind="stable")
    assert changed[order[:200]].mean() > 3 * changed[order[200:]].mean()
    risk = RiskModel({"entropy": central.risk}).fit(np.arange(n) < 60, changed)
    assert risk.mean() == pytest.approx(changed.mean(), abs=0.06)
