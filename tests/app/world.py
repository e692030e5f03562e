"""Workspaces made by the real verbs, for pages and browsers to work in."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from annotate.importers import read
from annotate.llm.able import can_answer
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.prelabeller import Prelabeller
from annotate.llm.providers.function import FunctionProvider
from annotate.model import Annotation, Person, Role
from annotate.people import add_person, operator
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.imports.importing import import_items
from annotate.workflow.prelabels.prelabelling import prelabel
from annotate.workflow.routes.routing import route
from app.config import Config
from app.services import Services

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

MAIL = """
project: mails
title: Mails to the shop
guideline: |
  Choose **one**. A refund of $5 or $10 is *money*.
fields: [text]
import: {id: id}
questions:
  - name: topic
    type: single_label
    text: What is it about?
    labels:
      - {name: money, description: Anything that is paid.}
      - {name: parcel}
      - {name: other}
routing: {policy: random, budget: 1.0, audit: 0.0}
"""

REPLIES = """
project: replies
title: Which reply is better
fields: [prompt, one, two]
import: {id: id}
questions:
  - {name: better, type: preference, text: Which is better?, prompt: prompt, responses: [one, two]}
routing: {policy: random, budget: 1.0, audit: 0.0}
"""

CHINESE = """
project: zh
language: zh
title: 图书馆留言
fields: [内容]
import: {id: 编号}
questions:
  - name: 意图
    type: single_label
    text: 读者主要想办什么事？
    labels: [{name: 借阅}, {name: 预约, description: 预约图书、座位。}]
routing: {policy: random, budget: 1.0, audit: 0.0}
"""


@dataclass
class Clock:
    """Stands still until it is told to go on."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **time: float) -> None:
        self.at += timedelta(**time)


def services_in(folder: Path, *, now: Clock | None = None, person: str | None = None) -> Services:
    """Services of a workspace in `folder`, with no key and no weights in reach."""
    numbers = iter(range(1_000_000))
    config = Config(folder, person, folder / "no-hub", {})
    return Services(config, now=now or Clock(), new_id=lambda: f"new{next(numbers)}")


def mails(count: int) -> list[dict[str, str]]:
    return [{"id": f"m{at}", "text": f"Mail number {at} about a parcel"} for at in range(count)]


def set_up(
    services: Services,
    task: str,
    rows: Sequence[Mapping[str, str]],
    *,
    upto: str = "route",
    says: str | Callable[[str], str] | None = None,
) -> None:
    """Write the project file; then import, prelabel and route, `upto` the verb named.

    says: what the model answers, to everything or to a prompt's text; None for the local annotator.
    """
    folder = services.config.folder
    name = task.split("project: ")[1].split()[0]
    (folder / f"{name}.task.yaml").write_text(task, "utf-8")
    items = folder / f"{name}.jsonl"
    items.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    actor = operator(services.now())
    with services.open(name) as (store, project):
        if upto == "nothing":
            return
        import_items(store, project, read(items), io.StringIO(), actor=actor, now=services.now())
        if upto == "import":
            return
        for question in project.questions:
            if can_answer(project, question):
                prelabel(
                    store,
                    project,
                    question,
                    _model(services, store, project, question, says),
                    actor=actor,
                    clock=services.now,
                    new_id=services.new_id,
                )
            route(store, project, question, actor=actor, now=services.now(), new_id=services.new_id)


def _model(
    services: Services,
    store: Store,
    project: Project,
    question: QuestionSettings,
    says: str | Callable[[str], str] | None,
) -> Prelabeller:
    if says is None:
        return services.prelabeller(store, project, question)
    said = says if callable(says) else lambda _: says
    provider = FunctionProvider(lambda prompt, sample: said(prompt.messages[-1].content))
    return ChatPrelabeller(project, question, provider)


def person(services: Services, name: str, role: Role = "annotator") -> Person:
    actor = operator(services.now())
    with services.workspace.open() as store:
        return add_person(store, name, role, actor=actor, now=services.now())


def seen_by(services: Services, name: str) -> Services:
    """The same workspace on a machine set up for this person, an annotator if they are new."""
    if not any(one.name == name for one in _people(services)):
        person(services, name)
    return replace(services, config=replace(services.config, person=name))


def _people(services: Services) -> list[Person]:
    with services.workspace.open() as store:
        return store.people.all()


def answers(services: Services, project: str) -> list[Annotation]:
    """Everything people ever said, retracted answers too, by time."""
    with services.open(project) as (store, opened):
        items = store.items.page(opened.project)
        found = [a for item in items for a in store.annotations.of_item(item.id)]
    return sorted(found, key=lambda a: (a.created_at, a.id))
