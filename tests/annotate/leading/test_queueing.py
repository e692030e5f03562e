"""Trials as jobs: one for each change, and none that could not be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotate.errors import AnnotateError
from annotate.model import Person
from annotate.store import Store
from annotate.workflow.guideline.queueing import queue_trial
from annotate.workflow.guideline.revising import Changes
from tests.small import START, small_project


def test_the_same_change_is_queued_once_and_another_beside_it(
    store: Store, lead: Person, new_id: Callable[[], str]
) -> None:
    project = small_project()
    question = project.questions[0]

    def queue(text: str, most: int = 40) -> str:
        changes: Changes = {("guideline",): text}
        return queue_trial(
            store, project, question, changes, most=most, actor=lead, now=START, new_id=new_id
        ).id

    first = queue("Be brief.")
    assert queue("Be brief.") == first
    assert len({first, queue("Be kind."), queue("Be brief.", 50)}) == 3


def test_a_trial_of_nothing_or_of_too_few_items_is_not_queued(
    store: Store, lead: Person, new_id: Callable[[], str]
) -> None:
    project = small_project()
    question = project.questions[0]
    with pytest.raises(AnnotateError, match="nothing is changed"):
        queue_trial(store, project, question, {}, actor=lead, now=START, new_id=new_id)
    with pytest.raises(AnnotateError, match="at least 30 items, not 5"):
        queue_trial(
            store, project, question, {("guideline",): "x"},
            most=5, actor=lead, now=START, new_id=new_id,
        )  # fmt: skip
