"""The items of a project in splits: no group is torn, and nothing that was shown is tested on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from annotate.clock import iso
from annotate.errors import AnnotateError, NotAllowed
from annotate.hashing import digest
from annotate.model import Item, Promise, PromiseItem, Round
from annotate.people import operator
from annotate.project import Project
from annotate.splits.plan import SplitPlan, Splitting
from annotate.store import Store
from annotate.store.machine.trials import Trial, Tried
from annotate.store.proposals import Proposal
from annotate.workflow.exports.splitting import AUDITED, FEW_SHOT, GOLD, TUNED, splitting
from tests.annotate.support.decided import decided
from tests.small import QUESTION, START, add_items, item, know, small_project, someone

HALVES = SplitPlan.read("train=0.5,test=0.5", near_duplicates=False)
LEAD = operator(START)


def add(store: Store, project: Project, *rows: dict[str, Any]) -> None:
    """Items with these texts and metadata, behind those that are there."""
    first = store.items.next_position(project.project)
    know(store, project)
    store.items.add(_item(project, at, **row) for at, row in enumerate(rows, first))


def _item(project: Project, at: int, text: str | None = None, **metadata: Any) -> Item:
    fields = {"text": text or f"mail {at}"}
    return replace(item(project, at), fields=fields, metadata=metadata)


def split(store: Store, project: Project, plan: SplitPlan = HALVES) -> Splitting:
    return splitting(store, project, plan, actor=LEAD)


def in_test(found: Splitting) -> list[int]:
    return [at for at in range(len(found.code)) if found.of(at) == "test"]


def test_every_item_is_in_a_split_and_the_same_one_again(store: Store) -> None:
    project = small_project()
    add_items(store, project, 200)
    found = split(store, project)
    assert (found.names, found.groups, sum(found.counts)) == (("train", "test"), 200, 200)
    assert found.counts == (200 - len(in_test(found)), len(in_test(found)))
    assert 70 <= found.counts[1] <= 130
    assert split(store, project).code.tolist() == found.code.tolist()
    other = split(store, project, replace(HALVES, seed="1"))
    assert 70 <= int((other.code != found.code).sum()) <= 130


def test_what_was_there_keeps_its_split_when_more_come(store: Store) -> None:
    project = small_project()
    plan = replace(HALVES, by=("source",))
    add(store, project, *({"source": f"s{at % 20}"} for at in range(100)))
    before = split(store, project, plan)
    add(store, project, *({"source": f"s{at % 40}"} for at in range(100)))
    assert split(store, project, plan).code[:100].tolist() == before.code.tolist()


def test_items_of_one_source_are_in_one_split(store: Store) -> None:
    project = small_project()
    add(store, project, *({"source": f"s{at % 30}"} for at in range(120)), {}, {"source": ""})
    found = split(store, project, replace(HALVES, by=("source",)))
    assert found.groups == 32
    assert all(len({found.of(at + more) for more in (0, 30, 60, 90)}) == 1 for at in range(30))
    assert found.moved == ()


def test_a_group_is_placed_by_its_value_wherever_it_comes_from(store: Store) -> None:
    project = small_project()
    add(store, project, *({"source": name} for name in ("a", "b", "c", "d", "e", "f")))
    again = project.model_copy(update={"project": "again"})
    rows = [replace(_item(again, at, source=n), id=digest(n)) for at, n in enumerate("fedcba")]
    know(store, again)
    store.items.add(rows)
    plan = replace(HALVES, by=("source",))
    found = split(store, again, plan).code.tolist()
    assert split(store, project, plan).code.tolist() == found[::-1]


def test_a_field_keeps_items_together_too(store: Store) -> None:
    project = small_project()
    add(store, project, *({"text": f"text {at % 5}", "n": at} for at in range(20)))
    assert split(store, project, replace(HALVES, by=("text",))).groups == 5


def test_near_duplicates_are_in_one_split(store: Store) -> None:
    project = small_project()
    texts = [
        f"the parcel number{at} of shop{at} broke on day{at} and I want it back" for at in range(60)
    ]
    add(store, project, *({"text": text} for text in texts))
    add(store, project, *({"text": text.upper() + "!"} for text in texts))
    found = split(store, project, replace(HALVES, near_duplicates=True))
    assert found.groups == 60
    assert found.code[:60].tolist() == found.code[60:].tolist()
    [moved] = found.moved
    assert moved.why == "has nearly the text of an item that came before it"
    alone = split(store, project)
    assert moved.count == int((alone.code != found.code).sum()) > 0
    assert moved.shown[0] == str(np.flatnonzero(alone.code != found.code)[0])


def test_long_texts_are_compared_a_few_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotate.workflow.exports.splitting.PAGE", 3)
    monkeypatch.setattr("annotate.workflow.exports.splitting.CHARACTERS", 20)
    project = small_project()
    add(store, project, *({"text": f"some text about {at % 10} things"} for at in range(20)))
    assert split(store, project, replace(HALVES, near_duplicates=True)).groups == 10


def test_known_answers_and_examples_are_never_tested_on(store: Store) -> None:
    project = small_project()
    add(store, project, *({"source": f"s{at // 2}"} for at in range(40)))
    plan = replace(HALVES, by=("source",))
    free = in_test(split(store, project, plan))
    gold, shot, tuned = free[0], free[2], free[4]
    ids = store.items.ids(project.project)
    store.items.add_gold([(ids[gold], QUESTION, "spam")])
    store.prelabels.start_round(_round(project, ids[shot]))
    store.proposals.add(_proposal(project, ids[tuned]))
    found = split(store, project, plan)
    assert in_test(found) == free[6:]
    assert {moved.why: (moved.count, moved.shown) for moved in found.moved} == {
        FEW_SHOT: (1, (str(shot),)),
        GOLD: (1, (str(gold),)),
        TUNED: (1, (str(tuned),)),
        "is kept together with one of these": (3, (str(free[1]), str(free[3]), str(free[5]))),
    }


def test_what_was_measured_with_is_never_tested_on(store: Store) -> None:
    project = small_project()
    ids = add_items(store, project, 40)
    free = in_test(split(store, project))
    routed, promised, tried = free[:3]
    decided(store, {ids[routed]: "spam", ids[free[3]]: "ham"}, audit=(ids[routed],))
    store.promises.add(_promise(project), [PromiseItem(ids[promised], 0, 0, "spam", 0.1)])
    store.trials.add(_trial(project), [Tried(ids[tried], "spam", None, None)])
    found = split(store, project)
    assert in_test(found) == free[3:]
    assert {moved.why: moved.count for moved in found.moved} == {AUDITED: 2, TUNED: 1}


def _promise(project: Project) -> Promise:
    return Promise(
        id="p", project=project.project, question=QUESTION, number=1, tolerance=0.1, alpha=0.1,
        size=1, population=1, audited=1, seed="", frozen="", basis={}, created_by="",
        created_at=iso(START),
    )  # fmt: skip


def _trial(project: Project) -> Trial:
    return Trial(
        id="t", project=project.project, question=QUESTION, base="", changes=[], told=[], items=1,
        drawn=1, failed=0, right_before=0, right_after=0, won=0, lost=0, calls=0, cost_usd=0.0,
        unpriced=0, stopped=None, person="", created_at=iso(START),
    )  # fmt: skip


def _round(project: Project, item_id: str) -> Round:
    return Round(
        id="r", project=project.project, question=QUESTION, settings_hash="", model="m",
        variants=("v0",), examples=((item_id, "spam"),), scope="missing", started_at=iso(START),
        finished_at=None,
    )  # fmt: skip


def _proposal(project: Project, item_id: str) -> Proposal:
    return Proposal(
        id="p", project=project.project, question=QUESTION, people=[], model=[],
        item_ids=[item_id], asked="", prompt_version="", prompt="", raw="", summary="",
        sentence="", base="", cost_usd=None, person="", created_at=iso(START),
    )  # fmt: skip


def test_a_name_that_no_item_has_is_refused(store: Store) -> None:
    project = small_project()
    add_items(store, project, 3)
    with pytest.raises(AnnotateError) as caught:
        split(store, project, replace(HALVES, by=("sorce",)))
    assert str(caught.value) == (
        "no item has a field or metadata called 'sorce': items can only be kept together by what "
        "they have"
    )


def test_who_may_not_export_may_not_split(store: Store) -> None:
    with pytest.raises(NotAllowed):
        splitting(store, small_project(), HALVES, actor=someone(store, "Ann"))


def test_without_items_there_is_nothing_to_split(store: Store) -> None:
    project = small_project()
    know(store, project)
    found = split(store, project)
    assert (found.code.tolist(), found.counts, found.groups) == ([], (0, 0), 0)
