"""Random days of three people with two windows each, over a bad line, with a server that restarts.

Whatever happens: what was acknowledged is stored exactly once, what was not sent is not there, no
slot is finished by two people, and what could not be taken is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from annotate.model import Person
from annotate.store import open_store
from annotate.workflow.labelling.own_history import own_history
from annotate.workflow.labelling.syncing import sync
from tests.small import QUESTION, START, add_items, add_slots, small_project, someone

ITEMS, PER_ITEM, LEASE_MINUTES = 4, 2, 30
NAMES = ("Ann", "Bob", "Cyd")
LINES = st.sampled_from(["fine", "fine", "reply lost", "request lost"])


class Window:
    """What one browser window knows. told: operation -> what was acknowledged."""

    def __init__(self, person: Person, number: int) -> None:
        self.person, self.number, self.made = person, number, 0
        self.tasks: list[dict[str, Any]] = []
        self.ops: list[dict[str, Any]] = []
        self.told: dict[str, Mapping[str, Any]] = {}

    def new_id(self) -> str:
        self.made += 1
        return f"w{self.number}.{self.made}"

    def request(self, want: int) -> dict[str, Any]:
        holding = [task["id"] for task in self.tasks]
        return deepcopy({"request": "r", "ops": self.ops, "holding": holding, "want": want})

    def hear(self, reply: Mapping[str, Any]) -> None:
        self.told |= {result["id"]: result for result in reply["results"]}
        self.ops = [op for op in self.ops if op["id"] not in self.told]
        known = {task["id"] for task in self.tasks}
        self.tasks += [task for task in reply["tasks"] if task["id"] not in known]
        self.tasks = [task for task in self.tasks if task["id"] not in reply["lost"]]


class RandomDay(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "day.db"
        self.store = open_store(self.path)
        people = {"per_item": PER_ITEM, "lease_minutes": LEASE_MINUTES, "overlap": {"most": 3}}
        self.project = small_project(people=people)
        add_slots(self.store, self.project, add_items(self.store, self.project, ITEMS), PER_ITEM)
        self.people = {name: someone(self.store, name) for name in NAMES}
        self.windows = [
            Window(self.people[name], 2 * at + which)
            for at, name in enumerate(NAMES)
            for which in (0, 1)
        ]
        self.now = START
        self.sent: dict[str, dict[str, Any]] = {}
        self.late: list[tuple[Window, dict[str, Any]]] = []

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def deliver(self, window: Window, request: dict[str, Any]) -> Mapping[str, Any]:
        self.now += timedelta(seconds=1)
        self.sent |= {op["id"]: op for op in request["ops"]}
        return sync(self.store, self.project, request, actor=window.person, now=self.now)

    # ---- what happens

    @rule(at=st.integers(0, 5), want=st.integers(0, 3), line=LINES)
    def exchange(self, at: int, want: int, line: str) -> None:
        window = self.windows[at]
        request = window.request(want)
        self.late.append((window, request))
        if line == "request lost":
            return
        reply = self.deliver(window, request)
        if line == "fine":
            window.hear(reply)

    @rule(at=st.integers(0, 5), value=st.sampled_from(["spam", "ham"]))
    def answer(self, at: int, value: str) -> None:
        window = self.windows[at]
        if window.tasks:
            task = window.tasks.pop(0)
            window.ops.append(self.on(window, task, "answer", answers={QUESTION: value}))

    @rule(at=st.integers(0, 5))
    def skip(self, at: int) -> None:
        window = self.windows[at]
        if window.tasks:
            window.ops.append(self.on(window, window.tasks.pop(0), "skip"))

    @rule(at=st.integers(0, 5))
    def draft(self, at: int) -> None:
        window = self.windows[at]
        if window.tasks:
            draft = self.on(window, window.tasks[0], "draft", answers={QUESTION: "sp"})
            del draft["attempt"]
            window.ops.append(draft)

    @rule(at=st.integers(0, 5), kind=st.sampled_from(["undo", "revise", "second"]))
    def change(self, at: int, kind: str) -> None:
        """The newest entry of one's history, as this window sees it."""
        window = self.windows[at]
        seen = own_history(self.store, self.project, actor=window.person, now=self.now, limit=1)[
            "answers"
        ]
        if seen:
            more = {} if kind == "undo" else {"answers": {QUESTION: "ham"}}
            op = {"op": kind, "id": window.new_id(), "target": seen[0]["op"], **more}
            window.ops.append(op)

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def an_old_request_arrives_again(self, data: st.DataObject) -> None:
        window, request = data.draw(st.sampled_from(self.late))
        self.deliver(window, deepcopy(request))  # nobody hears the reply

    @rule(at=st.integers(0, 5))
    def a_window_is_loaded_again(self, at: int) -> None:
        """Tasks are forgotten; what was not acknowledged is kept in the browser."""
        self.windows[at].tasks = []

    @rule()
    def the_server_restarts(self) -> None:
        self.store.close()
        self.store = open_store(self.path)

    @rule(minutes=st.sampled_from([1, 20, LEASE_MINUTES + 1]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @staticmethod
    def on(window: Window, task: dict[str, Any], kind: str, **more: Any) -> dict[str, Any]:
        about = {"task": task["id"], "attempt": task["attempt"]}
        return {"op": kind, "id": window.new_id(), **about, **more}

    # ---- what always holds

    def operations(self) -> dict[str, dict[str, Any]]:
        rows = self.store._engine.query("select * from operations")
        return {row["id"]: row for row in rows}

    @invariant()
    def what_was_acknowledged_is_on_record(self) -> None:
        stored = self.operations()
        for window in self.windows:
            for op_id, result in window.told.items():
                if op_id in stored:
                    assert stored[op_id]["status"] == result["status"]
                    assert stored[op_id]["person_id"] == window.person.id
                else:  # only the notes of drafts are dropped, when the answer has come
                    assert self.sent[op_id]["op"] == "draft"

    @invariant()
    def what_was_not_sent_is_not_there(self) -> None:
        assert self.operations().keys() <= self.sent.keys()

    @invariant()
    def each_stored_answer_is_there_once_and_counts_unless_it_ended(self) -> None:
        found = Counter(
            row["op_id"] for row in self.store._engine.query("select op_id from annotations")
        )
        counting = {a.op_id: a for a in self.store.annotations.counting("mails", QUESTION)}
        for op_id, row in self.operations().items():
            if row["status"] != "stored":
                assert op_id not in found
                assert row["payload"] is not None, "what could not be taken is kept"
            elif row["kind"] in ("answer", "revise"):
                assert found[op_id] == 1
                assert (op_id in counting) == (row["ended"] is None)
                if op_id in counting:
                    said = self.sent[op_id]["answers"][QUESTION]
                    assert counting[op_id].value == said
                    assert counting[op_id].person_id == row["person_id"]

    @invariant()
    def no_slot_is_finished_by_two(self) -> None:
        answers = list(self.store.annotations.counting("mails", QUESTION))
        by_slot = Counter(a.assignment_id for a in answers)
        slots = list(self.store._engine.query("select * from assignments"))
        assert {slot["id"] for slot in slots if slot["state"] == "done"} == by_slot.keys()
        assert set(by_slot.values()) <= {1}
        assert set(Counter((a.person_id, a.item_id) for a in answers).values()) <= {1}
        held = Counter((s["person_id"], s["item_id"]) for s in slots if s["person_id"] is not None)
        assert set(held.values()) <= {1}

    @invariant()
    def nobody_is_asked_more_than_is_wanted(self) -> None:
        slots = self.store._engine.query(
            "select item_id, count(*) as n from assignments group by 1"
        )
        assert all(PER_ITEM <= row["n"] <= 3 for row in slots)


TestRandomDay = RandomDay.TestCase
TestRandomDay.settings = settings(stateful_step_count=40)
