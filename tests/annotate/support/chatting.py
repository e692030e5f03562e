"""A chat annotator over a function, and its calls one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from annotate.errors import ProviderError
from annotate.llm.asking import Ready
from annotate.llm.books.ledger import Ledger
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.prelabeller import Answer, Work
from annotate.llm.prompts import Prompt
from annotate.llm.providers import Provider, Reply
from annotate.llm.providers.function import FunctionProvider
from annotate.llm.structured import Abilities
from annotate.project import Project
from tests.annotate.support.asking import labelling


def make_chat(
    answer: Callable[[Prompt, int], str] = lambda prompt, sample: "spam",
    *,
    project: Project | None = None,
    provider: Provider | None = None,
    ledger: Ledger | None = None,
    abilities: Abilities = Abilities.NONE,
    **llm: object,
) -> ChatPrelabeller:
    project = project or labelling({"spam": "", "ham": ""})[0]
    settings = project.llm.model_validate(project.llm.model_dump() | llm)
    project = project.model_copy(update={"llm": settings})
    return ChatPrelabeller(
        project,
        project.questions[0],
        provider or FunctionProvider(answer),
        ledger=ledger,
        abilities=abilities,
    )


def answers(chat: ChatPrelabeller, *works: Work) -> list[Answer]:
    async def all_of_them() -> list[Answer]:
        try:
            return [answer async for answer in chat.answer(works)]
        finally:
            await chat.close()

    return asyncio.run(all_of_them())


def finish(
    chat: ChatPrelabeller, call: Ready, reply: Reply | ProviderError, cost: float | None = None
) -> Answer:
    return asyncio.run(chat.finish(call, reply, cost_usd=cost))
