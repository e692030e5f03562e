"""Signals against their formulas; what is missing is left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from routing.risk import RiskModel
from routing.signals import (
    TEXT_SIGNS,
    class_risk,
    least_confidence,
    logs,
    margin_of,
    mean_probs,
    models_disagree,
    neighbours_disagree,
    student_disagrees,
    text_signs,
)
from routing.student import scaled
from routing.uncertainty import entropy_of

NAN = float("nan")


def test_probabilities_of_several_calls_are_averaged_where_they_are_given() -> None:
    probs = np.array([[[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]], [[0.6, 0.2, 0.2], [NAN] * 3]])
    np.testing.assert_allclose(mean_probs(logs(probs)), [[0.4, 0.2, 0.4], [0.6, 0.2, 0.2]])
    shifted = logs(probs) + np.array([[[-3.0], [2.0]], [[0.5], [1.0]]])
    np.testing.assert_allclose(mean_probs(shifted), mean_probs(logs(probs)))  # up to a constant
    certain = np.array([[[0.0, -np.inf, -np.inf]], [[NAN, 0.0, 0.0]], [[-np.inf] * 3]])
    np.testing.assert_array_equal(mean_probs(certain), [[1, 0, 0], [NAN] * 3, [NAN] * 3])
    with pytest.raises(ValueError, match=r"log_probs has shape \(2, 3\), but must be \(n, m, k\)"):
        mean_probs(np.zeros((2, 3)))


def test_three_scores_of_mean_probabilities() -> None:
    probs = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0], [1 / 3] * 3, [NAN] * 3])
    np.testing.assert_allclose(margin_of(probs), [0.8, 0.0, 1.0, NAN])
    np.testing.assert_allclose(least_confidence(probs), [0.75, 0.0, 1.0, NAN])
    assert entropy_of(probs)[1:3] == pytest.approx([0.0, 1.0])


@given(st.lists(st.lists(st.integers(-1, 2), min_size=6, max_size=6), min_size=1, max_size=8))
def test_disagreement_of_two_models_is_the_jensen_shannon_divergence(rows: list[list[int]]) -> None:
    votes = np.array(rows)
    ours = models_disagree(votes, ["x", "y", "x", "y", "x", "y"], k=3)
    for item, cast in enumerate(votes):
        shares = [np.bincount(v[v >= 0], minlength=3) for v in (cast[0::2], cast[1::2])]
        if min(s.sum() for s in shares) == 0:
            assert np.isnan(ours[item])
        else:
            expected = jensenshannon(shares[0], shares[1], base=2) ** 2
            assert ours[item] == pytest.approx(expected, abs=1e-9)


def test_three_models_that_all_differ_and_one_that_is_silent() -> None:
    votes = np.array([[0, 1, 2], [0, 1, -1], [0, 0, 1], [0, -1, -1]])
    names = ["a", "b", "c"]
    third = (np.log(3) - 2 / 3 * np.log(2)) / np.log(3)  # entropy of 2/3, 1/3 of the most there is
    np.testing.assert_allclose(models_disagree(votes, names, k=3), [1.0, 1.0, third, NAN])
    with pytest.raises(ValueError, match="2 models are named for 3 columns of votes"):
        models_disagree(votes, names[:2], k=3)
    assert np.isnan(models_disagree(votes, ["a"] * 3, k=3)).all()


def two_clouds(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds of items; the first item of each has the other's label."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], n // 2)
    centres = np.array([[1.0, 0.0], [0.0, 1.0]])
    features = scaled(centres[labels] + rng.normal(size=(n, 2)) * 0.05)
    labels[[0, n // 2]] = labels[[n // 2, 0]]
    return features, labels


def test_wrong_labels_stand_out_among_their_like() -> None:
    features, labels = two_clouds()
    student = student_disagrees(features, labels, 2)
    neighbours = neighbours_disagree(features, labels)
    for score in (student, neighbours):
        assert np.sort(score.argsort()[-2:]).tolist() == [0, 30]
        assert score[[0, 30]].min() > 0.8
        assert np.delete(score, [0, 30]).max() < 0.3
    labels[5] = -1
    assert np.isnan(student_disagrees(features, labels, 2)[5])
    assert np.isnan(neighbours_disagree(features, labels)[5])


def test_neighbours_are_those_of_every_pair() -> None:
    rng = np.random.default_rng(2)
    features, labels = rng.normal(size=(30, 4)), rng.integers(-1, 3, size=30)
    rows = scaled(features)
    expected = np.full(30, NAN)
    for item in np.flatnonzero(labels >= 0):
        others = [j for j in np.flatnonzero(labels >= 0) if j != item]
        near = sorted(others, key=lambda j: -rows[item] @ rows[j])[:5]
        weight = np.array([max(rows[item] @ rows[j], 0.0) for j in near])
        expected[item] = weight @ (labels[near] != labels[item]) / weight.sum()
    np.testing.assert_allclose(neighbours_disagree(features, labels, neighbours=5), expected)
    assert np.isnan(neighbours_disagree(features[:1], np.array([0]))).all()


def test_class_risk_by_hand() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2, -1])
    human = np.array([0, 1, 1, 1, -1, -1, 0])
    rate = (2 + 2) / (4 + 4)  # two of four were wrong, and two of the imagined four
    expected = [(2 + 4 * rate) / 7] * 3 + [(0 + 4 * rate) / 5] * 2 + [rate, NAN]
    np.testing.assert_allclose(class_risk(labels, human), expected)
    np.testing.assert_allclose(class_risk(labels, np.full(7, -1))[:6], 0.5)


def test_plain_signs_of_texts() -> None:
    signs = text_signs(["Ab 1!", "ab ab?", ""])
    assert tuple(signs) == TEXT_SIGNS
    np.testing.assert_allclose(signs["length"], np.log([6, 7, 1]))
    np.testing.assert_allclose(signs["words"], np.log([3, 3, 1]))
    np.testing.assert_array_equal(signs["rare"], [1.0, 1.0, NAN])
    np.testing.assert_array_equal(signs["digits"], [0.2, 0.0, NAN])
    np.testing.assert_array_equal(signs["capitals"], [0.2, 0.0, NAN])
    np.testing.assert_allclose(signs["marks"], [0.2, 1 / 6, NAN])
    np.testing.assert_array_equal(signs["question"], [0.0, 1.0, NAN])
    assert all(len(values) == 0 for values in text_signs([]).values())


def test_the_risk_model_takes_any_of_them_and_learns_which_one_counts() -> None:
    rng = np.random.default_rng(3)
    texts = ["?" * int(q) + "word " * int(c) for q, c in rng.integers(0, 9, size=(200, 2))]
    signs = text_signs(texts)
    changed = signs["question"] == 1
    risk = RiskModel(signs).fit(np.arange(200) < 80, changed)
    assert risk[80:][changed[80:]].min() > risk[80:][~changed[80:]].max()
