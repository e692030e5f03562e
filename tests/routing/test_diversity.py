"""Near-duplicates against a comparison of every pair, and what they do to a budget."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from routing.diversity import near_duplicates
from routing.draws import pairs
from routing.policies import Situation
from routing.policies.budget import Budget


def linked(features: np.ndarray, similarity: float) -> list[int]:
    """Groups by following links from item to item."""
    n = len(features)
    length = np.linalg.norm(features, axis=1)
    group = list(range(n))
    for a in range(n):
        for b in range(a + 1, n):
            close = features[a] @ features[b] > (similarity - 1e-6) * length[a] * length[b]
            if length[a] * length[b] > 0 and close:
                old, new = max(group[a], group[b]), min(group[a], group[b])
                group = [new if g == old else g for g in group]
    return [g if group.count(g) > 1 else -1 for g in group]


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), max_size=12), st.sampled_from([0.7, 0.95]))
def test_groups_are_the_links_of_every_pair(rows: list[tuple[int, ...]], similarity: float) -> None:
    features = np.array(rows, dtype=np.float64).reshape(-1, 3)
    expected = linked(features, similarity)
    assert near_duplicates(features, similarity=similarity).tolist() == expected
    assert near_duplicates(csr_array(features), similarity=similarity).tolist() == expected


def test_blocks_do_not_cut_a_group() -> None:
    n = 2_500  # more than two blocks are compared at a time
    features = np.random.default_rng(0).normal(size=(n, 30))
    features[[3, 1_200, 2_499]] = features[3]
    groups = near_duplicates(features)
    assert groups[[3, 1_200, 2_499]].tolist() == [3, 3, 3]
    assert (groups >= 0).sum() == 3


@pytest.mark.parametrize(
    ("features", "similarity", "message"),
    [
        (np.zeros(3), 0.9, r"features has shape \(3,\), but must be \(n, d\)"),
        (np.zeros((3, 2)), 0.0, "similarity is 0.0, but must be above 0, up to 1"),
    ],
)
def test_what_cannot_be_compared(features: np.ndarray, similarity: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        near_duplicates(features, similarity=similarity)


def test_near_duplicates_do_not_eat_the_budget() -> None:
    """40 copies of one hard item; 60 others that are a little less hard, half of them wrong."""
    rng = np.random.default_rng(1)
    features = rng.normal(size=(100, 20))
    features[:40] = features[0]
    scores = np.concatenate([np.full(40, 0.9), np.linspace(0.5, 0.8, 60)])
    draws = pairs(np.arange(100, dtype=np.uint64), seed=0)
    nobody = np.zeros(100, dtype=bool)
    situation = Situation(groups=near_duplicates(features))
    plain = Budget(items=40, audit_rate=0.0).route(scores, draws, nobody, situation)
    spread = Budget(items=40, audit_rate=0.0, diversity=0.3)
    verdicts = spread.route(scores, draws, nobody, situation)
    assert plain.annotate[:40].sum() == 40
    assert verdicts.annotate.sum() == 40
    assert verdicts.annotate[:40].sum() == 2  # 0.9 and 0.63, but not 0.44
    assert verdicts.propensity[:40].tolist() == [2 / 40] * 40
