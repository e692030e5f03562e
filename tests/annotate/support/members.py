"""Two servers as one ensemble, for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from annotate.llm.books.ledger import Ledger
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.ensemble import EnsemblePrelabeller
from annotate.llm.prelabeller import Prelabeller
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.project import Project
from tests.llm_server import LLMServer
from tests.llm_server.forked import KEY
from tests.small import small_project

NOTHING: Mapping[str, Any] = MappingProxyType({})


@pytest.fixture
def other() -> Iterator[LLMServer]:
    with LLMServer(lambda call: "ham", model="second") as running:
        yield running


def mails(
    server: LLMServer,
    other: LLMServer,
    first: Mapping[str, Any] = NOTHING,
    second: Mapping[str, Any] = NOTHING,
    **llm: Any,
) -> Project:
    """Two members: `first` on `server`, `second` on `other`, with these keys of their own."""
    members = [
        {"name": "first", "model": "test-model", "base_url": server.base_url, **first},
        {"name": "second", "model": "second", "base_url": other.base_url, **second},
    ]
    given = {"provider": "openai", "timeout_s": 5.0, "concurrency": 4, "ensemble": members}
    return small_project(llm=given | llm)


def together(project: Project, *, key: str = KEY) -> EnsemblePrelabeller:
    llm, (question,) = project.llm, project.questions
    ledger = Ledger(max_cost_usd=llm.max_cost_usd, max_calls=llm.max_calls)
    made: dict[str, Prelabeller] = {}
    for name, one in llm.models():
        alone = project.model_copy(update={"llm": one})
        provider = OpenAIChat(one, key, backoff_s=0.001)
        made[name] = ChatPrelabeller(alone, question, provider, ledger=ledger)
    return EnsemblePrelabeller(made, ledger=ledger)
