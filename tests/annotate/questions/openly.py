"""A project with one question without classes, from the file to the export, over a real server."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotate.clock import iso
from annotate.hashing import digest
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.providers import PROVIDERS
from annotate.llm.structured import Abilities
from annotate.model import Decision, Item, Person
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.workflow.exports.exporting import ExportReport, Request, export
from annotate.workflow.prelabels.prelabelling import PrelabelReport, prelabel
from annotate.workflow.routes.routing import RouteReport, route
from tests.labelling import assign, submit
from tests.small import START, Clock, know, someone

QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    "multi_label": {
        "labels": [{"name": "price"}, {"name": "taste"}, {"name": "service"}],
        "text": "What is it about?",
    },
    "rating": {"text": "How good is it?"},
    "ranking": {"text": "From best to worst?", "responses": ["x", "y", "z"]},
    "preference": {
        "text": "Which is better?",
        "prompt": "text",
        "responses": ["x", "y"],
        "strength": 3,
    },
    "text": {"text": "Sum it up."},
    "spans": {
        "text": "Mark names.",
        "field": "text",
        "labels": [{"name": "person"}, {"name": "place"}],
    },
}
FIELDS = {"text": "Ada met Bob.", "x": "One.", "y": "Two.", "z": "Three."}


def project_with(
    *kinds: str, llm: Mapping[str, Any] | None = None, routing: Mapping[str, Any] | None = None,
    language: str = "en", **own: Any,
) -> Project:  # fmt: skip
    """Questions named by their types. own: keys of the last of them."""
    questions: list[dict[str, Any]] = [
        {"name": kind, "type": kind, **QUESTIONS[kind]} for kind in kinds
    ]
    questions[-1] |= own
    usual = {"provider": "openai", "model": "test-model", "structured": "off", "logprobs": "off"}
    return Project.model_validate(
        {
            "project": "open",
            "title": "Open",
            "language": language,
            "fields": list(FIELDS),
            "questions": questions,
            "llm": {**usual, "few_shot": 0, **(llm or {})},
            "routing": {"signal": "entropy", "budget": 0.5, "audit": 0.0, **(routing or {})},
        }
    )


@dataclass
class Bench:
    """A store of items, and the verbs over it."""

    store: Store
    base_url: str = ""
    ids: Callable[[], str] = field(
        default_factory=lambda: map("id{}".format, itertools.count()).__next__
    )
    clock: Clock = field(default_factory=Clock)

    @property
    def lead(self) -> Person:
        return operator(START)

    def add(self, project: Project, texts: Sequence[str]) -> list[str]:
        items = [
            Item(
                digest("open", at), "open", at, f"id:{at}", str(at),
                {**FIELDS, "text": text}, {}, iso(START),
            )
            for at, text in enumerate(texts)
        ]  # fmt: skip
        with self.store.transaction():
            know(self.store, project)
            self.store.items.add(items)
        return [item.id for item in items]

    def prelabel(
        self, project: Project, name: str, *, abilities: Abilities = Abilities.NONE
    ) -> PrelabelReport:
        question = project.question(name)
        llm = project.llm.model_copy(update={"base_url": self.base_url})
        located = project.model_copy(update={"llm": llm})
        provider = PROVIDERS["openai"](llm, "key")
        chat = ChatPrelabeller(located, question, provider, abilities=abilities)
        return prelabel(
            self.store, located, question, chat,
            actor=self.lead, clock=self.clock, new_id=self.ids,
        )  # fmt: skip

    def route(self, project: Project, name: str) -> RouteReport:
        return route(
            self.store, project, project.question(name),
            actor=self.lead, now=START, new_id=self.ids,
        )  # fmt: skip

    def decisions(self, name: str) -> dict[str, Decision]:
        return {d.item_id: d for d in self.store.decisions.current("open", name)}

    def answer(self, project: Project, values: Mapping[str, Any], count: int) -> list[str]:
        """Ann answers `count` tasks. values: question -> value, or a function of the item."""
        people = [person for person in self.store.people.all() if person.name == "Ann"]
        ann = people[0] if people else someone(self.store, "Ann")
        done = []
        for _ in range(count):
            now = self.clock.forward(1)
            task = assign(self.store, project, actor=ann, now=now)
            assert task is not None
            names = [question["name"] for question in task.shown["questions"]]
            said = {
                name: values[name](task.item) if callable(values[name]) else values[name]
                for name in names
            }
            value = said if len(names) > 1 else said[names[0]]
            submit(self.store, project, task, value, actor=ann, now=now)
            done.append(task.item.id)
        return done

    def export(
        self, project: Project, dialect: str = "labels", **options: Any
    ) -> tuple[str, ExportReport]:
        out, request = io.BytesIO(), Request(dialect, **options)
        report = export(self.store, project, request, out, actor=self.lead, now=self.clock())
        return out.getvalue().decode(), report

    def labels(self, project: Project, question: str | None = None) -> list[dict[str, Any]]:
        text, _ = self.export(project, question=question)
        return [json.loads(line) for line in text.splitlines()]


def bench(folder: Path, base_url: str = "") -> Bench:
    return Bench(open_store(folder / "open.db"), base_url)
