"""Features of texts, and scores that an item's own label never enters."""

import numpy as np
import pytest

from routing.student import leave_one_out, pair_features, reduced, scaled, text_features


def ridge_without(row: int, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The slow way: drop the row, solve, predict it."""
    keep = np.arange(len(x)) != row
    a = np.hstack([np.ones((len(x), 1)), x])
    penalty = np.eye(a.shape[1]) * 0.7
    penalty[0, 0] = 1e-9
    weighted = a[keep] * w[keep, None]
    solution: np.ndarray = np.linalg.solve(weighted.T @ a[keep] + penalty, weighted.T @ y[keep])
    predicted: np.ndarray = a[row] @ solution
    return predicted


def test_scores_are_those_of_a_ridge_that_never_saw_the_row() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 4)), rng.normal(size=(30, 3))
    w = rng.uniform(0.5, 3, size=30)
    w[[3, 7, 20]] = 0.0  # these teach nothing, and are predicted like new rows
    expected = [ridge_without(row, x, y, w) for row in range(30)]
    np.testing.assert_allclose(leave_one_out(x, y, w, penalty=0.7), expected, atol=1e-6)


def test_own_target_does_not_move_own_score() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 1))
    before = leave_one_out(x, y, np.ones(20))
    y[4] += 100
    after = leave_one_out(x, y, np.ones(20))
    assert after[4] == pytest.approx(before[4])
    assert abs(after[5] - before[5]) > 0.01


def test_without_labels_or_features_there_is_still_a_score() -> None:
    x, y = np.ones((4, 2)), np.array([[1.0], [0.0], [1.0], [1.0]])
    assert leave_one_out(x, y, np.zeros(4)).tolist() == [[0.0]] * 4
    means_of_others = [2 / 3, 1.0, 2 / 3, 2 / 3]
    scores = leave_one_out(np.zeros((4, 0)), y, np.ones(4))
    assert scores.ravel() == pytest.approx(means_of_others, abs=1e-6)
    assert leave_one_out(x, y, np.array([1.0, 0, 0, 0]))[1:] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("weights", "penalty", "message"),
    [
        (np.ones(3), 1.0, r"weights \(3,\) must be \(n, d\), \(n, k\) and \(n,\)"),
        (np.array([1.0, -2.0]), 1.0, r"weights holds -2\.0, but a weight is 0 or more"),
        (np.ones(2), 0.0, r"penalty is 0\.0, but must be above 0"),
    ],
)
def test_bad_input_is_refused(weights: np.ndarray, penalty: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        leave_one_out(np.ones((2, 1)), np.ones((2, 1)), weights, penalty=penalty)


WORDS = ["the cat sat", "the cat ran", "stocks fell today", "stocks rose today", "zzz"]


def test_texts_with_common_words_are_near() -> None:
    features = text_features(WORDS, dims=3)
    near = features @ features.T
    assert near[0, 1] > 0.9
    assert near[2, 3] > 0.9
    assert abs(near[0, 2]) < 0.1
    assert features[4].tolist() == [0.0] * 3  # it shares no word with another
    np.testing.assert_array_equal(features, text_features(WORDS, dims=3))


def test_chinese_is_read_by_character() -> None:
    near = text_features(["今天很好", "今天不好", "股市下跌", "股市上涨"], dims=3)
    assert (near @ near.T)[0, 1] > 0.8
    assert (near @ near.T)[2, 3] > 0.8


@pytest.mark.parametrize("texts", [["one", "two"], ["", ""], ["a b", "a b"], []])
def test_texts_without_a_common_word_have_no_features(texts: list[str]) -> None:
    assert text_features(texts).shape == (len(texts), 0)


def test_dims_must_be_positive() -> None:
    with pytest.raises(ValueError, match="dims is 0, but must be at least 1"):
        text_features(WORDS, dims=0)


def test_pairs_change_sign_when_swapped() -> None:
    rng = np.random.default_rng(0)
    one, other = scaled(rng.normal(size=(2, 6, 4)).reshape(12, 4))[:6], scaled(np.ones((6, 4)))
    lengths = rng.integers(0, 500, size=(6, 2))
    forth = pair_features(one, other, lengths)
    np.testing.assert_allclose(pair_features(other, one, lengths[:, ::-1]), -forth)
    assert forth.shape == (6, 5)


def test_reduced_keeps_what_differs() -> None:
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(50, 2)) @ rng.normal(size=(2, 9)) + 5.0
    small = reduced(plane, dims=2)
    centred = scaled(plane - plane.mean(axis=0))
    np.testing.assert_allclose(small @ small.T, centred @ centred.T, atol=1e-8)
    assert reduced(np.zeros((0, 9)), dims=2).shape == (0, 2)
