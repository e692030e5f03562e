"""Columns as arrays, and the counts that are made of them."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from annotate.store import Store
from annotate.store.arrays import Numbers, fills, keys
from annotate.store.sqlite import ROWS_AT_ONCE
from tests.annotate.support.court import Court
from tests.small import QUESTION, Clock, add_items, small_project


def test_what_stands_in_a_column_by_number_none_too() -> None:
    numbers = Numbers()
    assert numbers(("b", None, "b", "a")).tolist() == [0, 1, 0, 2]
    assert numbers(("a", "c")).tolist() == [2, 3]
    assert list(numbers) == ["b", None, "a", "c"]
    assert keys(()).dtype == np.dtype(np.uint64)
    assert len(keys(())) == 0


def test_every_item_has_its_place_also_beyond_one_block(store: Store) -> None:
    project = small_project()
    ids = add_items(store, project, ROWS_AT_ONCE + 3)
    places = store.slices.places(project.project)
    assert places.of(keys(tuple(ids))).tolist() == list(range(ROWS_AT_ONCE + 3))


def test_a_project_fills_the_database_when_most_items_are_its_own(store: Store) -> None:
    for name, items in (("large", 7), ("small", 2)):
        add_items(store, small_project(project=name), items)
    engine = store.slices._engine
    assert (fills(engine, "large"), fills(engine, "small")) == (True, False)


def test_what_was_taken_back_counts_for_nobody(store: Store, clock: Clock) -> None:
    court = Court(store, clock)
    first, second, third = court.given(
        {"Ann": "ham", "Bob": "ham"}, {"Ann": "spam"}, {"Cyd": "ham"}
    )
    count = store.progress
    assert count.answered_items("mails", QUESTION) == 3
    given = [store.annotations.of_item(item_id)[0] for item_id in (first, second, third)]
    for one in given[1:]:
        store.annotations.retract(one.id, one.person_id, now=one.created_at)
    assert count.answered_items("mails", QUESTION) == 1
    people = [
        (one["name"], one["answers"], one["skips"], one["last"]) for one in count.people("mails")
    ]
    bob = store.annotations.of_item(first)[1].created_at
    assert people == [("Ann", 1, 0, given[0].created_at), ("Bob", 1, 0, bob)]
    assert count.changes("mails", QUESTION) == 6


def test_of_many_timed_answers_some_tell_what_one_takes(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    court = Court(store, clock)
    ids = court.given(*({"Ann": "ham"} for _ in range(30)))
    assert store.progress.seconds_per_answer("mails", QUESTION) is None
    timed = [
        replace(store.annotations.of_item(item_id)[0], id=f"timed{at}", seconds=float(at * at))
        for at, item_id in enumerate(ids, 1)
    ]
    store.annotations.add_all(timed)
    assert store.progress.seconds_per_answer("mails", QUESTION) == (15 * 15 + 16 * 16) / 2
    monkeypatch.setattr("annotate.store.progress.MOST_TIMED", 20)  # of 60: ids up to a third
    drawn = [one.seconds or 0.0 for one in timed if one.item_id <= "55555555"]
    assert 0 < len(drawn) < 30
    assert store.progress.seconds_per_answer("mails", QUESTION) == median(drawn)
