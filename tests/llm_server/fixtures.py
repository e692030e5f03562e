"""Fixtures for pre-labelling over HTTP; `tests/annotate/conftest.py` names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from annotate.llm.chat import ChatPrelabeller
from annotate.llm.prelabeller import Prelabeller
from annotate.llm.prompts import Prompt
from annotate.llm.providers.function import FunctionProvider
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.model import Prelabel
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.workflow.prelabels.prelabelling import PrelabelReport, prelabel
from tests.labelling import assign, submit
from tests.llm_server import LLMServer
from tests.llm_server.forked import KEY, Forked
from tests.small import MINUTE, START, add_slots, someone


class World:
    """One database, and a clock that moves on by a minute with every run."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.store: Store = open_store(database)
        self.now: datetime = START
        self._ids = count()

    def prelabel(
        self, project: Project, annotator: Prelabeller | None = None, **options: Any
    ) -> PrelabelReport:
        self.now += MINUTE
        return prelabel(
            self.store,
            project,
            project.questions[0],
            annotator or over_http(project),
            actor=operator(START),
            clock=lambda: self.now,
            new_id=lambda: f"round{next(self._ids):04}",
            **options,
        )

    def people_say(self, project: Project, answers: dict[str, str], name: str = "Ann") -> None:
        """item id -> answer, in this order."""
        self.now += MINUTE
        person = someone(self.store, name)
        add_slots(self.store, project, answers)
        for answer in answers.values():
            self.now += MINUTE
            task = assign(self.store, project, actor=person, now=self.now)
            assert task is not None
            assert answers[task.item.id] == answer
            submit(self.store, project, task, answer, actor=person, now=self.now)

    def stored(self, project: Project) -> list[Prelabel]:
        """Every answer ever stored."""
        items = self.store.items.all(project.project)
        return [one for item in items for one in self.store.history.prelabels(item.id)]


def over_http(project: Project, key: str = KEY) -> ChatPrelabeller:
    provider = OpenAIChat(project.llm, key, backoff_s=0.001)
    return ChatPrelabeller(project, project.questions[0], provider)


def by_function(project: Project, answer: Callable[[Prompt, int], str]) -> ChatPrelabeller:
    return ChatPrelabeller(project, project.questions[0], FunctionProvider(answer))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "coannotate.db")
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[LLMServer]:
    with LLMServer() as running:
        yield running


@pytest.fixture
def server(shared: LLMServer) -> LLMServer:
    shared.answer = lambda call: "spam"
    shared.script.clear()
    shared.calls.clear()
    shared.served.clear()
    shared.batches.reset()
    shared.latency_s, shared.key = 0.0, None
    shared.limit, shared.refused, shared.refusals = 0, 0.0, 0
    shared.most_in_flight = 0
    shared.quotas.clear()
    return shared


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    with Forked() as launcher:
        yield launcher
