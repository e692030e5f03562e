"""Verdicts: one of three for each item, and a propensity that fits."""

import numpy as np
import pytest

from routing.types import Verdicts


def mask(*values: int) -> np.ndarray:
    return np.array(values, dtype=bool)


def test_what_is_neither_accepted_nor_audited_is_annotated() -> None:
    verdicts = Verdicts(mask(1, 0, 0, 0), mask(0, 1, 0, 0), np.array([0.0, 0.1, 1.0, 0.2]))
    assert verdicts.annotate.tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("accept", "audit", "propensity", "message"),
    [
        (mask(1, 0), mask(0, 0, 0), np.ones(2), r"accept \(2,\), audit \(3,\).* share one shape"),
        (mask(1, 0), mask(0, 0), np.ones(3), r"propensity \(3,\) .* must share one shape"),
        (mask(1, 0)[None], mask(0, 0)[None], np.ones((1, 2)), r"share one shape \(n,\)"),
        (mask(0, 1), mask(0, 1), np.full(2, 0.5), "item 1 is accepted and audited"),
        (mask(0, 1), mask(0, 0), np.ones(2), "item 1 was accepted with propensity 1.0"),
        (mask(0, 1), mask(0, 0), np.zeros(2), "item 0 was sent to people with propensity 0.0"),
        (mask(0, 1), mask(0, 0), np.array([1.0, np.nan]), "item 1 was accepted with propensity n"),
        (mask(0, 1), mask(0, 0), np.array([1.5, 0.0]), "item 0 .* 1.5, but a propensity is 0..1"),
    ],
)
def test_contradictions_are_refused(
    accept: np.ndarray, audit: np.ndarray, propensity: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Verdicts(accept, audit, propensity)


def test_explored_items_are_with_people() -> None:
    chances = np.array([0.5, 0.5])
    verdicts = Verdicts(mask(1, 0), mask(0, 0), chances, mask(0, 1))
    assert verdicts.annotate.tolist() == [False, True]
    assert Verdicts(mask(1, 0), mask(0, 0), chances).explored.tolist() == [False, False]
    with pytest.raises(ValueError, match="item 0 is explored, but not sent to people for it"):
        Verdicts(mask(1, 0), mask(0, 0), chances, mask(1, 0))
    with pytest.raises(ValueError, match=r"explored \(1,\) must share one shape"):
        Verdicts(mask(1, 0), mask(0, 0), chances, mask(1))
