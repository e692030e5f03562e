"""The risk model: beliefs before answers, answers before beliefs."""

import numpy as np
import pytest

from routing.distances import or_made, risk_from_distances
from routing.risk import RiskModel, standardised

NAN = float("nan")


def no(n: int) -> np.ndarray:
    return np.zeros(n, dtype=bool)


def rank_quality(chance: np.ndarray, wrong: np.ndarray) -> float:
    """Share of (wrong, right) pairs in the right order: 0.5 is chance."""
    pairs = chance[wrong][:, None] - chance[~wrong][None, :]
    return float((pairs > 0).mean() + 0.5 * (pairs == 0).mean())


def test_beliefs_rank_items_before_anyone_answers() -> None:
    signals = {"entropy": np.array([0.0, 1.0, 0.0]), "confidence": np.array([0.0, 0.0, 1.0])}
    cold = RiskModel(signals).fit(no(3), no(3))
    assert cold[1] > cold[2] > cold[0]
    assert cold.mean() == pytest.approx(0.25, abs=0.05)


def test_a_signal_of_no_known_name_starts_at_nothing() -> None:
    cold = RiskModel({"moon": np.array([0.0, 1.0])}).fit(no(2), no(2))
    assert cold[0] == pytest.approx(cold[1])


def test_answers_teach_a_new_signal_and_unteach_a_wrong_belief() -> None:
    rng = np.random.default_rng(0)
    moon, entropy = rng.normal(size=600), rng.normal(size=600)
    wrong = rng.random(600) < 1 / (1 + np.exp(1 - 2 * moon + entropy))
    model = RiskModel({"entropy": entropy, "moon": moon})
    answered = np.arange(600) < 200
    before, after = model.fit(no(600), no(600)), model.fit(answered, wrong)
    rest = ~answered
    assert rank_quality(before[rest], wrong[rest]) < 0.5
    assert rank_quality(after[rest], wrong[rest]) > 0.8
    assert after[rest].mean() == pytest.approx(wrong[rest].mean(), abs=0.06)


def test_what_people_changed_in_similar_items_is_a_signal() -> None:
    rng = np.random.default_rng(1)
    kind = rng.integers(0, 5, size=500)
    wrong = rng.random(500) < np.where(kind == 2, 0.8, 0.1)
    answered = np.arange(500) < 120
    flat = {"entropy": np.zeros(500)}
    blind = RiskModel(flat).fit(answered, wrong)
    seeing = RiskModel(flat, np.eye(5)[kind]).fit(answered, wrong)
    assert rank_quality(blind[120:], wrong[120:]) == pytest.approx(0.5)
    assert rank_quality(seeing[120:], wrong[120:]) > 0.75


def test_what_is_said_of_unanswered_items_is_not_looked_at() -> None:
    signals = {"entropy": np.linspace(0, 1, 40)}
    answered = np.arange(40) < 20
    changed = np.arange(40) % 2 == 0
    one = RiskModel(signals).fit(answered, changed)
    other = RiskModel(signals).fit(answered, changed | ~answered)
    np.testing.assert_array_equal(one, other)


def test_a_few_answers_that_agree_give_no_certainty() -> None:
    signals = {"entropy": np.linspace(0, 1, 50)}
    answered = np.arange(50) < 4
    assert RiskModel(signals).fit(answered, no(50)).max() > 0.05
    assert RiskModel(signals).fit(answered, answered).min() < 0.95


def test_unknown_values_count_as_average() -> None:
    assert standardised(np.array([1.0, 3.0, NAN])).tolist() == [-1.0, 1.0, 0.0]
    assert standardised(np.array([2.0, 2.0])).tolist() == [0.0, 0.0]
    assert standardised(np.array([NAN, NAN])).tolist() == [0.0, 0.0]


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="signals must share one shape"):
        RiskModel({"entropy": np.zeros(3), "margin": np.zeros(4)})
    with pytest.raises(ValueError, match="signals must share one shape"):
        RiskModel({})
    with pytest.raises(ValueError, match="features has 2 rows for 3 items"):
        RiskModel({"entropy": np.zeros(3)}, np.zeros((2, 1)))
    with pytest.raises(ValueError, match="each of the 3 items"):
        RiskModel({"entropy": np.zeros(3)}).fit(no(2), no(2))


def test_what_was_weighed_adds_up_to_the_order() -> None:
    rng = np.random.default_rng(5)
    signals = {"entropy": rng.random(60), "says b": (np.arange(60) % 2).astype(float)}
    features = np.eye(3)[np.arange(60) % 3]
    model = RiskModel(signals, features)
    answered = np.arange(60) < 30
    weighed = model.weigh(answered, np.arange(60) % 3 == 0)
    assert set(weighed.terms) == set(weighed.weights) == {"entropy", "says b", "similar items"}
    np.testing.assert_array_equal(weighed.chance, model.fit(answered, np.arange(60) % 3 == 0))
    assert weighed.weights["similar items"] > 0
    logits = sum(weighed.terms.values())
    surest, riskiest = np.argmin(logits), np.argmax(logits)
    assert weighed.chance[riskiest] > weighed.chance[surest]
    few = model.weigh(np.arange(60) < 14, np.arange(60) % 3 == 0)
    assert set(few.terms) == {"entropy", "says b"}


@pytest.mark.parametrize("rate", [0.05, 0.6])
def test_the_rate_believed_before_the_first_answer(rate: float) -> None:
    model = RiskModel({"entropy": np.linspace(0, 1, 50)}, rate=rate)
    nobody = np.zeros(50, dtype=bool)
    assert model.fit(nobody, nobody).mean() == pytest.approx(rate, abs=0.06)
    # two imagined answers of that rate: ten that change nothing count for more
    ten = np.arange(50) % 5 == 0
    assert model.fit(ten, nobody).mean() < rate / 2 + 0.05


def test_an_answer_made_of_several_is_taken_where_it_is_nearer() -> None:
    nan = np.nan
    apart = np.array([[[0, 1, 1], [1, 0, 1], [1, 1, 0]], [[0, 0.2, nan], [0.2, 0, nan], [nan] * 3]])
    central = risk_from_distances(apart)
    made = np.array([[0.3, 0.3, 0.4], [0.1, 0.2, nan]])
    risk, better = or_made(central, apart, made)
    assert better.tolist() == [True, False]
    np.testing.assert_allclose(risk, [0.5, 0.2])
    _, none = or_made(central, apart, np.full((2, 3), nan))
    assert none.tolist() == [False, False]
