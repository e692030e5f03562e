"""Decision endpoints to ask in tests: projects, a server with all features, what it may answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from annotate.llm.deciders.calls import Contract, Decided, ask, read
from annotate.llm.deciders.decisions import DecisionPrelabeller
from annotate.llm.prelabeller import Answer, Work
from annotate.llm.servers.client import Body, Server
from annotate.model import Item
from annotate.project import parse_project
from tests.decision_server import DecisionServer, Features

TOPICS = """
project: p
title: Topics
guideline: Refunds are billing.
fields: [text]
questions:
- name: topic
  type: single_label
  text: What is it about?
  labels:
  - {name: billing, description: invoices and refunds}
  - {name: delivery}
  - {name: praise}
"""
PAIRS = """
project: p
title: Pairs
fields: [prompt, one, two]
questions:
- {name: better, type: preference, text: Which is better?, prompt: prompt, responses: [one, two]}
"""
CONTRACTS: tuple[Contract, ...] = ("decisions", "systemone")

GOOD = [("billing", 0.5), ("delivery", 0.3), ("praise", 0.2)]


@pytest.fixture(scope="module")
def shared_decider() -> Iterator[DecisionServer]:
    with DecisionServer() as server:
        yield server


@pytest.fixture
def decider(shared_decider: DecisionServer) -> DecisionServer:
    shared_decider.reset(Features())
    return shared_decider


@pytest.fixture(params=CONTRACTS)
def contract(request: pytest.FixtureRequest) -> Contract:
    found: Contract = request.param
    return found


def made(
    text: str, decider: DecisionServer, contract: Contract, key: str | None = None, **llm: object
) -> DecisionPrelabeller:
    project = parse_project(text)
    said = {"provider": "openai", "base_url": decider.base_url, "model": "m", **llm}
    settings = project.llm.model_validate(said)
    project = project.model_copy(update={"llm": settings})
    client = Server(settings, key, backoff_s=0.01)
    return DecisionPrelabeller(project, project.questions[0], client, contract)


def item(**fields: str) -> Item:
    return Item("i", "p", 0, "k", "h", fields, {}, "2026-01-01")


def answers(prelabeller: DecisionPrelabeller, works: Sequence[Work]) -> list[Answer]:
    async def collect() -> list[Answer]:
        try:
            return [answer async for answer in prelabeller.answer(works)]
        finally:
            await prelabeller.close()

    return asyncio.run(collect())


def one(decider: DecisionServer, contract: Contract, **llm: object) -> Answer:
    prelabeller = made(TOPICS, decider, contract, None, **llm)
    (answer,) = answers(prelabeller, [Work(item(text="My refund?"), {})])
    return answer


def answered(contract: Contract, chances: Any, **changes: object) -> dict[str, object]:
    """A body with these (option, probability) pairs, or with something else in their place."""
    pairs = chances
    if isinstance(chances, list) and contract == "systemone":
        pairs = dict(chances)
    elif isinstance(chances, list):
        pairs = [{"value": option, "probability": chance} for option, chance in chances]
    answer = {"type": "choice", "name": "topic", "confidence": 0.9, "probabilities": pairs}
    answer |= changes
    return {"answers": {"topic": answer} if contract == "systemone" else [answer]}


def reading(found: object, contract: Contract) -> Decided:
    project = parse_project(TOPICS)
    asked = ask(project, project.questions[0], item(text="My refund?"), reversed_=False)
    return read(Body(found, {}), asked, contract)
