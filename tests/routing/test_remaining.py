"""Errors left along a course, and what an audit says of them."""

from __future__ import annotations

import numpy as np
import pytest

from routing.estimate import of_population
from routing.remaining import audited_errors, course

RISKS = np.array([0.1, 0.6, 0.3, np.nan, 0.2])
NOBODY = np.zeros(5, dtype=bool)


def test_what_has_no_label_goes_first_and_counts_as_wrong() -> None:
    made = course(RISKS, NOBODY)
    assert made.order.tolist() == [3, 1, 2, 4, 0]
    assert made.left.round(9).tolist() == [2.2, 1.2, 0.6, 0.3, 0.1, 0.0]


def test_some_go_before_all_others() -> None:
    made = course(RISKS, NOBODY, first=np.array([True, False, False, False, True]))
    assert made.order.tolist() == [4, 0, 3, 1, 2]


def test_answered_items_are_neither_wrong_nor_asked_again() -> None:
    made = course(RISKS, np.array([False, True, False, True, False]))
    assert made.order.tolist() == [2, 4, 0]
    assert made.left[0] == pytest.approx(0.6)
    assert made.at(np.array([0.2, 0.4, 0.6, 1.0])).round(9).tolist() == pytest.approx(
        [np.nan, 0.12, 0.06, 0.0], nan_ok=True
    )


def test_a_part_of_an_item_repairs_a_part_of_an_error() -> None:
    made = course(RISKS, NOBODY)
    assert made.removed(1.5) == pytest.approx(1.3)
    assert made.removed(99) == pytest.approx(2.2)


def test_nothing_left_and_nothing_there() -> None:
    done = course(RISKS, ~NOBODY)
    assert (done.left.tolist(), done.removed(10)) == ([0.0], 0.0)
    none = course(np.zeros(0), np.zeros(0, dtype=bool))
    assert (none.left.tolist(), len(none.order)) == ([0.0], 0)


def test_an_audit_speaks_of_what_nobody_has_looked_at() -> None:
    chances = np.linspace(0, 0.5, 200)
    drawn = np.arange(200) % 4 == 0
    wrong = np.arange(200) % 40 == 0  # 5 of the 50 drawn
    found = audited_errors(chances, drawn, wrong, below=1.0)
    assert found is not None
    share = of_population(200, 50, 5)
    assert found.estimate == pytest.approx(0.1 * 150)
    assert (found.low, found.high) == (200 * share.low - 5, 200 * share.high - 5)


def test_an_audit_is_cut_where_people_take_over() -> None:
    chances = np.array([0.1] * 10 + [0.4] * 10)
    drawn = np.array([True] * 5 + [False] * 5 + [True] * 10)
    wrong = chances > 0.2
    found = audited_errors(chances, drawn, wrong, below=0.2)
    assert found is not None
    assert (found.estimate, found.low) == (0.0, 0.0)
    assert audited_errors(chances, drawn, wrong, below=0.05) is None
