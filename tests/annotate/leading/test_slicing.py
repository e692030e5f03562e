"""Filters and matrices over arrays, against what a person would count."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from annotate.workflow.disagreement.paging import index_at, page_of
from annotate.workflow.disagreement.slicing import (
    NOTHING,
    UNASKED,
    Chosen,
    Slices,
    Votes,
    against_machine,
    between_people,
    kept,
    said_by_model,
)

Answer = tuple[int, int, int]
"""(person, value, week)"""

K = 3
ITEMS: list[tuple[float, int, list[Answer]]] = [
    # (priority, what the model says, answers), most urgent first
    (2.0, 0, [(0, 0, 1), (1, 1, 1), (2, 1, 2)]),
    (1.5, 1, [(0, 2, 1), (1, 2, 1)]),
    (1.5, NOTHING, [(2, 0, 2)]),
    (0.5, 2, [(0, 2, 2), (2, 2, 2)]),
    (0.2, 1, [(1, 1, 3)]),
    (0.1, 0, [(1, 2, 3), (0, 1, 3)]),
]


def ints(values: list[int]) -> Any:
    return np.array(values, dtype=np.int32)


def slices_of(items: list[tuple[float, int, list[Answer]]], classes: int = K) -> Slices:
    rows = [
        (at, value, person, week)
        for at, (_, _, answers) in enumerate(items)
        for person, value, week in sorted(answers, key=lambda one: one[1])
    ]
    return Slices(
        classes=classes,
        position=ints([100 - at for at in range(len(items))]),
        priority=np.array([priority for priority, _, _ in items]),
        status=ints([at % 2 for at in range(len(items))]),
        machine=ints([machine for _, machine, _ in items]),
        spread=np.zeros(len(items), dtype=bool),
        item=ints([at for at, _, _, _ in rows]),
        person=ints([person for _, _, person, _ in rows]),
        value=ints([value for _, value, _, _ in rows]),
        week=ints([week for _, _, _, week in rows]),
        apart=np.zeros(len(rows), dtype=bool),
    )


SLICES = slices_of(ITEMS)


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({}, [0, 1, 5]),
        ({"differing": False}, [0, 1, 2, 3, 4, 5]),
        ({"person": 0}, [0, 1, 5]),
        ({"person": 2}, [0]),
        ({"person": 2, "differing": False}, [0, 2, 3]),
        ({"said": 2}, [1, 5]),
        ({"said": 2, "differing": False}, [1, 3, 5]),
        ({"said": 1, "machine": 0}, [0, 5]),
        ({"said": 0, "machine": 0}, [0]),
        ({"said": 2, "machine": 2}, [3]),
        ({"said": 0, "machine": NOTHING}, [2]),
        ({"person": 1, "said": 1, "machine": 1}, [4]),
        ({"machine": 0}, [0, 5]),
        ({"week": 3}, [5]),
        ({"week": 3, "differing": False}, [4, 5]),
        ({"person": 0, "week": 2, "differing": False}, [3]),
        ({"said": 1, "other_said": 2}, [5]),
        ({"said": 1, "other_said": 1}, [0]),
        ({"said": 2, "other_said": 2}, [1, 3]),
        ({"person": 0, "other": 1, "said": 2, "other_said": 2}, [1]),
        ({"person": 0, "other": 1, "said": 0, "other_said": 1}, [0]),
        ({"person": 1, "other": 0, "said": 0, "other_said": 1}, []),
        ({"other": 2, "differing": False}, [0, 3]),
        ({"status": 1, "differing": False}, [1, 3, 5]),
        ({"among": np.array([True, False, True, True, True, True])}, [0, 5]),
    ],
)
def test_filters_hold_together(chosen: dict[str, Any], left: list[int]) -> None:
    found = kept(SLICES, SLICES.machine, Chosen(**chosen))
    assert np.nonzero(found)[0].tolist() == left


def test_people_against_the_model_counts_items() -> None:
    found = against_machine(SLICES, SLICES.machine, Chosen())
    assert found.tolist() == [[1, 0, 0, 1], [2, 1, 0, 0], [1, 1, 1, 0]]
    ann = against_machine(SLICES, SLICES.machine, Chosen(person=0, said=2, machine=2))
    assert ann.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 0]]
    assert against_machine(SLICES, SLICES.machine, Chosen(week=3)).tolist() == [
        [0, 0, 0, 0],
        [1, 1, 0, 0],
        [1, 0, 0, 0],
    ]


def test_people_against_people_counts_items() -> None:
    assert between_people(SLICES, SLICES.machine, Chosen()).tolist() == [
        [0, 1, 0],
        [1, 1, 1],
        [0, 1, 2],
    ]
    pair = between_people(SLICES, SLICES.machine, Chosen(person=0, other=1))
    assert pair.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 1]]
    turned = between_people(SLICES, SLICES.machine, Chosen(person=1, other=0))
    assert turned.tolist() == pair.T.tolist()


@pytest.mark.parametrize("seed", range(8))
def test_matrices_and_lists_tell_the_same(seed: int) -> None:
    """What a cell counts is what choosing it lists, whatever else is chosen."""
    rng = np.random.default_rng(seed)
    items = [
        (
            1.0 / (at + 1),
            int(rng.integers(-1, K)),
            [
                (person, int(rng.integers(K)), int(rng.integers(3)))
                for person in rng.permutation(4)[: rng.integers(1, 5)].tolist()
            ],
        )
        for at in range(60)
    ]
    slices = slices_of(items)
    frames: list[dict[str, Any]] = [
        {},
        {"person": 1},
        {"person": 1, "other": 2},
        {"week": 1},
        {"other": 3},
    ]
    for frame in frames:
        for row in range(K):
            for column in range(K):
                model = Chosen(said=row, machine=column, **frame)
                count = against_machine(slices, slices.machine, model)[row, column]
                assert kept(slices, slices.machine, model).sum() == count
                people = Chosen(said=row, other_said=column, **frame)
                count = between_people(slices, slices.machine, people)[row, column]
                assert kept(slices, slices.machine, people).sum() == count
    said = Counter(
        (value, machine) for _, machine, given in items for value in {v for _, v, _ in given}
    )
    counts = against_machine(slices, slices.machine, Chosen())
    assert {(i, j if j < K else -1): n for (i, j), n in np.ndenumerate(counts) if n} == said


def test_a_model_says_what_most_votes_of_its_newest_round_say() -> None:
    votes = Votes(
        position=ints([100, 100, 100, 100, 99, 99, 98, 97, 7]),
        round=ints([0, 0, 1, 1, 0, 0, 0, 0, 0]),
        model=ints([0, 0, 0, 1, 0, 0, 1, 0, 0]),
        prompt=ints([0, 1, 0, 0, 0, 1, 1, 0, 0]),
        value=ints([1, 1, 2, 0, 0, 1, 2, 2, 1]),
    )
    assert said_by_model(SLICES, votes, model=0).tolist() == [2, NOTHING, UNASKED, 2, -2, -2]
    assert said_by_model(SLICES, votes, prompt=1).tolist() == [1, 1, 2, UNASKED, -2, -2]
    assert said_by_model(SLICES, votes, model=1, prompt=0).tolist() == [0, -2, -2, -2, -2, -2]
    machine = said_by_model(SLICES, votes, model=1, prompt=0)
    assert against_machine(SLICES, machine, Chosen()).tolist() == [
        [1, 0, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
    ]
    assert np.nonzero(kept(SLICES, machine, Chosen(differing=False)))[0].tolist() == [0]


def test_pages_are_found_again_when_items_move() -> None:
    left = np.array([True, False, True, True, True, True])
    first = page_of(left, start=0, size=2)
    assert (first.items.tolist(), first.total, first.before, first.behind) == ([0, 2], 5, None, 3)
    second = page_of(left, start=3, size=2)
    assert (second.items.tolist(), second.first, second.before, second.behind) == ([3, 4], 2, 0, 5)
    last = page_of(left, start=5, size=2)
    assert (last.items.tolist(), last.before, last.behind) == ([5], 3, None)
    assert [index_at(SLICES, p, at) for p, at in ((2.0, 100), (1.5, 99), (1.5, 98), (1, 1))] == [
        0,
        2,
        1,
        3,
    ]


def test_without_answers_everything_is_empty() -> None:
    none = slices_of([])
    assert kept(none, none.machine, Chosen()).tolist() == []
    assert against_machine(none, none.machine, Chosen()).sum() == 0
    assert between_people(none, none.machine, Chosen()).shape == (K, K)
    assert page_of(np.zeros(0, dtype=bool), start=0, size=5).total == 0


def test_without_classes_distances_tell() -> None:
    one = slices_of([(1.0, 0, [(0, 0, 1)]), (0.5, 0, [(0, 0, 1), (1, 0, 1)])], classes=0)
    apart = Slices(
        **{
            name: getattr(one, name) for name in Slices.__slots__ if name not in ("apart", "spread")
        },
        apart=np.array([True, False, False]),
        spread=np.array([False, True]),
    )
    assert kept(apart, apart.machine, Chosen(person=1)).tolist() == [False, True]
    assert kept(apart, apart.machine, Chosen()).tolist() == [True, True]
    assert kept(one, one.machine, Chosen()).tolist() == [False, False]
    assert against_machine(apart, apart.machine, Chosen()).size == 0
    assert between_people(apart, apart.machine, Chosen()).size == 0
