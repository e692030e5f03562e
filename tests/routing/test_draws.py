"""Draws: known numbers, uniform, independent, and blind to which other items exist."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from routing.draws import pairs, splitmix64, uniform

GAMMA = 0x9E3779B97F4A7C15
N = 20_011
KEY_SETS = {
    "counting": np.arange(N, dtype=np.uint64),
    "high bits only": np.arange(N, dtype=np.uint64) << np.uint64(48),
    "in steps of gamma": np.arange(N, dtype=np.uint64) * np.uint64(GAMMA),
}


@pytest.mark.parametrize(
    ("seed", "expected"),
    [  # published outputs of the reference implementation in C
        (
            1234567,
            [
                6457827717110365317,
                3203168211198807973,
                9817491932198370423,
                4593380528125082431,
                16408922859458223821,
            ],
        ),
        (0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]),
    ],
)
def test_splitmix64_is_the_reference(seed: int, expected: list[int]) -> None:
    states = [(seed + step * GAMMA) % 2**64 for step in range(len(expected))]
    assert splitmix64(np.array(states, dtype=np.uint64)).tolist() == expected


def plain_splitmix64(state: int) -> int:
    z = (state + GAMMA) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


WORD = st.integers(0, 2**64 - 1)


@given(st.lists(WORD, max_size=5), WORD, WORD)
def test_uniform_is_this_formula_for_ever(keys: list[int], seed: int, stream: int) -> None:
    """Propensities on record were drawn with it; another formula would draw other items."""
    of_seed = plain_splitmix64((plain_splitmix64(seed) + stream) % 2**64)
    expected = [(plain_splitmix64(plain_splitmix64(key) ^ of_seed) >> 11) / 2**53 for key in keys]
    drawn = uniform(np.array(keys, dtype=np.uint64), seed=seed, stream=stream)
    assert drawn.tolist() == expected


@pytest.mark.parametrize("keys", KEY_SETS.values(), ids=KEY_SETS)
@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_draws_are_uniform(keys: np.ndarray, seed: int) -> None:
    drawn = uniform(keys, seed=seed)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3
    in_a_row = np.histogram2d(drawn[:-1], drawn[1:], bins=7, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(in_a_row.ravel()).pvalue > 1e-3


@pytest.mark.parametrize("keys", KEY_SETS.values(), ids=KEY_SETS)
@pytest.mark.parametrize(
    ("one", "other"),
    [((0, 0), (1, 0)), ((0, 0), (0, 1)), ((5, 0), (4, 1)), ((7, 1), (7, 2)), ((1, 0), (2**63, 0))],
)
def test_seeds_and_streams_are_independent(
    keys: np.ndarray, one: tuple[int, int], other: tuple[int, int]
) -> None:
    first, second = (uniform(keys, seed=seed, stream=stream) for seed, stream in (one, other))
    table = np.histogram2d(first, second, bins=8, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(table.ravel()).pvalue > 1e-3
    assert not np.intersect1d(first, second).size


@given(st.lists(WORD, unique=True, min_size=1, max_size=9), st.data())
def test_an_item_keeps_its_draw_in_any_company(keys: list[int], data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(keys), max_size=6))
    alone = dict(zip(keys, pairs(np.array(keys, dtype=np.uint64), seed=3).tolist(), strict=True))
    again = pairs(np.array(some, dtype=np.uint64), seed=3).tolist()
    assert again == [alone[key] for key in some]


def test_pairs_are_streams_0_and_1() -> None:
    keys = np.array([4, 9, 2**63], dtype=np.uint64)
    drawn = pairs(keys, seed=11)
    assert drawn.shape == (3, 2)
    assert drawn[:, 0].tolist() == uniform(keys, seed=11, stream=0).tolist()
    assert drawn[:, 1].tolist() == uniform(keys, seed=11, stream=1).tolist()


def test_keys_are_left_as_they_were() -> None:
    keys = np.array([4, 9], dtype=np.uint64)
    uniform(keys, seed=1)
    assert keys.tolist() == [4, 9]


@pytest.mark.parametrize(
    ("keys", "seed", "stream", "message"),
    [
        (np.array([1, 2]), 0, 0, r"keys is int64 of shape \(2,\), but must be uint64"),
        (np.zeros((2, 3), dtype=np.uint64), 0, 0, r"keys is uint64 of shape \(2, 3\)"),
        (np.zeros(2, dtype=np.uint64), -1, 0, "seed is -1, but must be 0"),
        (np.zeros(2, dtype=np.uint64), 0, 2**64, "stream is 18446744073709551616"),
    ],
)
def test_arguments_that_cannot_be(keys: np.ndarray, seed: int, stream: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        uniform(keys, seed=seed, stream=stream)
