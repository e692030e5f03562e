"""A browser as the tests of syncing play it: tasks in its hands, operations with ids."""

from __future__ import annotations

from typing import Any

from annotate.model import Person
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.labelling.syncing import sync
from tests.small import Clock

Reply = dict[str, Any]


class Browser:
    """One window of one person. `tasks` is what it holds, in order."""

    def __init__(self, store: Store, project: Project, person: Person, clock: Clock) -> None:
        self.store, self.project, self.person, self.clock = store, project, person, clock
        self.tasks: list[dict[str, Any]] = []
        self.sent = 0
        self.name = f"{person.name}{id(self)}"

    def new_id(self) -> str:
        self.sent += 1
        return f"{self.name}.{self.sent}"

    def sync(self, *ops: dict[str, Any], want: int = 0, **more: Any) -> Reply:
        """Send these operations; what the reply brings and takes is in `tasks` afterwards."""
        request = {
            "request": self.new_id(),
            "ops": list(ops),
            "holding": [task["id"] for task in self.tasks],
            "want": want,
            **more,
        }
        now = self.clock.forward(0.001)
        reply = sync(self.store, self.project, request, actor=self.person, now=now)
        known = {task["id"] for task in self.tasks}
        self.tasks += [task for task in reply["tasks"] if task["id"] not in known]
        self.tasks = [task for task in self.tasks if task["id"] not in reply["lost"]]
        return reply

    def op(self, kind: str, task: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        about = {} if task is None else {"task": task["id"], "attempt": task["attempt"]}
        return {"op": kind, "id": self.new_id(), **about, **more}

    def drop(self, task: dict[str, Any]) -> None:
        self.tasks = [one for one in self.tasks if one["id"] != task["id"]]

    def answer(self, task: dict[str, Any], answers: dict[str, Any], **more: Any) -> Reply:
        """The result of answering a task."""
        self.drop(task)
        op = self.op("answer", task, answers=answers, **more)
        return self.only(self.sync(op)) | {"op": op}

    def only(self, reply: Reply) -> Reply:
        [result] = reply["results"]
        return dict(result)
