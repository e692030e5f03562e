"""Exchanges of many at once, and the plans of the queries that each of them makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from annotate.project import Project
from annotate.store import Store, open_store
from annotate.workflow.labelling.own_history import own_history
from tests.annotate.labelling.desk import Desk
from tests.annotate.support.browser import Browser
from tests.annotate.support.workers import claim_all, in_processes
from tests.small import QUESTION, Clock, add_items, add_slots, small_project

SPAM = {"mail": "spam"}
HAM = {"mail": "ham"}


def test_eight_processes_empty_one_queue(database: Path, store: Store, project: Project) -> None:
    count = 160
    add_slots(store, project, add_items(store, project, count))
    store.close()
    people = [(database, f"person {at}") for at in range(8)]
    taken: Sequence[list[str]] = in_processes(8, claim_all, people)
    times = Counter(slot for mine in taken for slot in mine)
    assert len(times) == count
    assert set(times.values()) == {1}
    assert sum(1 for mine in taken if mine) > 1
    with open_store(database) as again:
        answers = list(again.annotations.counting("mails", QUESTION))
        assert Counter(a.assignment_id for a in answers) == times
        assert again.progress.slots("mails", QUESTION) == {"done": count}


def test_an_exchange_never_scans(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(store, clock, items=30, per_item=1)
    people = {"gold_share": 0.4, "overlap": {"most": 3}, "most_per_day": 9, "skill_from": "x",
              "training": {"items": 1}, "mode": "suggest"}  # fmt: skip
    project = small_project(people=people)
    desk.store.items.add_gold([(desk.ids[4], "mail", "spam")])
    said: dict[str, Mapping[str, Any]] = {}
    query = desk.store._engine.query

    def listen(sql: str, params: Mapping[str, Any] = {}) -> Any:
        said.setdefault(sql, params)
        return query(sql, params)

    monkeypatch.setattr(desk.store._engine, "query", listen)
    ann = Browser(desk.store, project, desk.ann, desk.clock)
    for _ in range(2):  # the training, then the work
        ann.sync(want=2)
        op = ann.answer(ann.tasks[0], SPAM)["op"]
    ann.sync(ann.op("revise", target=op["id"], answers=HAM))
    ann.sync(ann.op("skip", ann.tasks[0]), want=9)
    ann.sync(leave=[ann.tasks[-1]["id"]] * 12)
    # many at once: SQLite goes by another index from ten items on
    Browser(desk.store, small_project(), desk.bob, desk.clock).sync(want=20)
    own_history(desk.store, project, actor=desk.ann, now=desk.clock())
    assert len(said) > 30
    for sql, params in said.items():
        plan = [row["detail"] for row in query(f"explain query plan {sql}", params)]
        whole = [step for step in plan if step.startswith("SCAN")]
        # `counted` is limited to what is looked at, `wanted` are the skills
        assert set(whole) <= {"SCAN counted", "SCAN wanted"}, sql
        own = [step for step in plan if "annotations_person" in step or "(person_id=?)" in step]
        assert [step for step in own if "skills" not in step] == [], "all a person ever had"
        queue = [step for step in plan if "(project=? AND state=?" in step]
        few = ("order by a.priority desc", "counted", "state = 'leased'", "min(skill)")
        assert queue == [] or any(part in sql for part in few), sql
