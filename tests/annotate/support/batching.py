"""Pre-labelling through the scripted server's Batch API, as the tests do it."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from annotate.llm.batching.batches import BatchServer
from annotate.llm.batching.member import BatchMember
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.model import Prelabel
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.store.machine.batches import Batch
from annotate.workflow.batches.batching import Batched, Surroundings, prelabel_in_batches
from annotate.workflow.batches.cancelling import cancel_batches
from annotate.workflow.batches.run import BatchReport
from annotate.workflow.batches.submitting import Pace
from annotate.workflow.prelabels.under_way import list_batches
from tests.llm_server import LLMServer, Step
from tests.llm_server.asking import KEY
from tests.small import MINUTE, START

AT_ONCE = Pace(poll_s=0.001)
LOOK_ONCE = Pace(poll_s=0.001, wait=False)
ONE = {"variants": ["question"]}
"""One call for each item."""
PRICE = {"usd_per_m_in": 1.0, "usd_per_m_out": 10.0, "as_of": "2026-11-01"}
ANSWER_USD = (40 * 1.0 + 2 * 10.0) / 1e6
"""Of a call made directly: the server tells 40 tokens in and 2 out."""


def batched(project: Project) -> Batched:
    """The project's first question, with the real client below."""
    question, llm = project.questions[0], project.llm
    chat = ChatPrelabeller(project, question, OpenAIChat(llm, KEY, backoff_s=0.001))
    server = BatchServer(llm, KEY, backoff_s=0.001, settle_s=0.001)
    return Batched(question, chat, [BatchMember("", chat, server, llm)])


@dataclass
class BatchDesk:
    """A database, and whoever runs batches on it; the clock moves on with every run."""

    database: Path
    now: datetime = START
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store: Store = open_store(self.database)

    def run(self, project: Project, pace: Pace = AT_ONCE, **options: Any) -> BatchReport:
        """One run; what it told is in `told`."""
        [report] = prelabel_in_batches(
            self.store,
            project,
            [batched(project)],
            self._around(pace, options),
            actor=operator(START),
            **options,
        )
        return report

    def cancel(self, project: Project) -> list[BatchReport]:
        return cancel_batches(
            self.store,
            project,
            [batched(project)],
            self._around(AT_ONCE, {}),
            actor=operator(START),
        )

    def batches(self, project: Project) -> list[Batch]:
        """Oldest first."""
        return list_batches(self.store, project, actor=operator(START))[::-1]

    def stored(self, project: Project) -> list[Prelabel]:
        """Every answer ever stored."""
        items = self.store.items.all(project.project)
        return [one for item in items for one in self.store.history.prelabels(item.id)]

    def _around(self, pace: Pace, options: dict[str, Any]) -> Surroundings:
        self.now += MINUTE
        self.told.clear()
        return Surroundings(
            clock=lambda: self.now,
            new_id=lambda: uuid.uuid4().hex,
            tell=self.told.append,
            pace=pace,
            on_progress=options.pop("on_progress", None),
        )


@pytest.fixture
def desk(database: Path) -> Iterator[BatchDesk]:
    made = BatchDesk(database)
    yield made
    made.store.close()


def asked_once(server: LLMServer) -> bool:
    """Whether no call was made twice, directly or in batches."""
    return set(server.served.values()) == {1}


class Before:
    """While entered: a step in place of a request of one kind, such as "POST /v1/files".

    skip: how many of its kind pass before.
    """

    def __init__(self, server: LLMServer, request: str, step: Step, *, skip: int = 0) -> None:
        self._server, self._steps = server, _Steps(server, request, step, skip)

    def __enter__(self) -> None:
        self._usual = self._server.batches.instead
        self._server.batches.instead = self._steps

    def __exit__(self, *_: object) -> None:
        self._server.batches.instead = self._usual


class After(Before):
    """The same, but the request is done before."""

    def __enter__(self) -> None:
        self._usual = self._server.batches.afterwards
        self._server.batches.afterwards = self._steps

    def __exit__(self, *_: object) -> None:
        self._server.batches.afterwards = self._usual


class _Steps(deque[Step]):
    """One step, which is only there for one request."""

    def __init__(self, server: LLMServer, request: str, step: Step, skip: int) -> None:
        super().__init__([step])
        self._server, self._request, self._skip = server, request, skip

    def __bool__(self) -> bool:
        if not len(self) or not self._server.batches.requests[-1].startswith(self._request):
            return False
        self._skip -= 1
        return self._skip < 0
