"""Groups come to one split, by the hash of their first row; what must not be tested on trains."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.errors import AnnotateError
from annotate.splits.near import signatures
from annotate.splits.placing import Placed, Rows, draw_of, place, split_of
from annotate.splits.plan import SplitPlan

PLAN = SplitPlan(near_duplicates=False)
TRAIN, TEST = 0, (1 << 64) - 1
"""Draws that come to the first and to the last split."""


def rows(
    draws: list[int],
    *values: list[int],
    texts: list[str] | None = None,
    barred: dict[str, list[int]] | None = None,
) -> Rows:
    return Rows(
        np.array(draws, dtype=np.uint64),
        tuple(np.array(one, dtype=np.uint64) for one in values),
        None if texts is None else signatures(texts),
        {why: np.array(which, dtype=np.intp) for why, which in (barred or {}).items()},
    )


def moved(placed: Placed) -> dict[str, list[int]]:
    return {why: which.tolist() for why, which in placed.moved.items()}


def test_alone_each_goes_where_its_draw_says() -> None:
    placed = place(PLAN, rows([TRAIN, TEST, TRAIN]))
    assert placed.code.tolist() == [0, 1, 0]
    assert (placed.groups, moved(placed)) == (3, {})


def test_the_shares_are_kept_over_many() -> None:
    plan = SplitPlan.read("train=0.7,dev=0.1,test=0.2")
    draws = np.array([draw_of("0", str(at)) for at in range(200_000)], dtype=np.uint64)
    counts = np.bincount(split_of(plan, draws))
    # three standard errors of 200,000 draws
    assert abs(counts[0] - 140_000) < 615
    assert abs(counts[1] - 20_000) < 402
    assert abs(counts[2] - 40_000) < 537


def test_of_the_same_value_all_go_with_the_first() -> None:
    placed = place(SplitPlan(by=("source",), near_duplicates=False), rows([TRAIN, TEST], [9, 9]))
    assert placed.code.tolist() == [0, 0]
    assert moved(placed) == {"has the same source as an item that came before it": [1]}


def test_without_a_value_nothing_is_shared() -> None:
    plan = SplitPlan(by=("source",), near_duplicates=False)
    assert place(plan, rows([TRAIN, TEST, TEST], [0, 0, 0])).groups == 3


def test_two_names_tie_a_chain_together() -> None:
    plan = SplitPlan(by=("source", "prompt"), near_duplicates=False)
    placed = place(plan, rows([TEST, TRAIN, TRAIN], [5, 5, 6], [1, 2, 2]))
    assert placed.code.tolist() == [1, 1, 1]
    assert moved(placed) == {"has the same source or prompt as an item that came before it": [1, 2]}


def test_near_duplicates_go_with_the_first() -> None:
    texts = ["my parcel never came", "where is it", "My parcel never came!"]
    placed = place(SplitPlan(), rows([TEST, TRAIN, TRAIN], texts=texts))
    assert placed.code.tolist() == [1, 0, 1]
    assert moved(placed) == {"has nearly the text of an item that came before it": [2]}


def test_what_is_barred_takes_its_group_to_the_first_split() -> None:
    plan = SplitPlan(by=("source",), near_duplicates=False)
    placed = place(
        plan,
        rows(
            [TEST, TEST, TEST, TEST, TRAIN], [1, 1, 2, 3, 4], barred={"gold": [1, 4], "shot": [2]}
        ),
    )
    assert placed.code.tolist() == [0, 0, 0, 1, 0]
    assert moved(placed) == {"gold": [1], "shot": [2], "is kept together with one of these": [0]}


def test_a_row_with_two_reasons_is_told_once() -> None:
    placed = place(PLAN, rows([TEST], barred={"gold": [0], "shot": [0]}))
    assert moved(placed) == {"gold": [0]}


def test_more_items_move_nothing_that_was_there() -> None:
    rng = np.random.default_rng(1)
    draws = rng.integers(0, 1 << 63, 400, dtype=np.uint64) * np.uint64(2)
    values = rng.integers(1, 60, 400, dtype=np.uint64)
    plan = SplitPlan(by=("source",), near_duplicates=False)
    few = place(plan, rows(draws[:200].tolist(), values[:200].tolist()))
    many = place(plan, rows(draws.tolist(), values.tolist()))
    assert many.code[:200].tolist() == few.code.tolist()


def test_no_rows_have_no_groups() -> None:
    placed = place(SplitPlan(by=("source",)), rows([], [], texts=[]))
    assert (placed.code.tolist(), placed.groups, moved(placed)) == ([], 0, {})


def test_shares_as_people_write_them() -> None:
    plan = SplitPlan.read("train=.5, test = .5", by=("source",))
    assert (plan.shares, plan.by) == ((("train", 0.5), ("test", 0.5)), ("source",))


@pytest.mark.parametrize(
    ("shares", "why"),
    [
        ("train", "'train' is no share of a split: write NAME=SHARE, as in train=0.9,test=0.1"),
        ("train=much", "'train=much' is no share"),
        ("train=0.9,test=0.2", "the shares train=0.9, test=0.2 must be over 0 and sum to 1"),
        ("train=1.2,test=-0.2", "must be over 0 and sum to 1"),
        ("train=nan,test=0.1", "must be over 0 and sum to 1"),
        ("a b=0.9,test=0.1", "'a b' is no name for a split: use letters, digits and _"),
        ("../x=0.9,test=0.1", "'../x' is no name for a split"),
        ("a=0.5,a=0.5", "two splits are called 'a'"),
    ],
)
def test_shares_that_mean_nothing_are_refused(shares: str, why: str) -> None:
    with pytest.raises(AnnotateError) as caught:
        SplitPlan.read(shares)
    assert why in str(caught.value)


def test_a_similarity_out_of_range_is_refused() -> None:
    with pytest.raises(AnnotateError, match=r"a similarity of 1\.5 is not between 0\.1 and 1"):
        SplitPlan(similarity=1.5)
