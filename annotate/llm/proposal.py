"""A model is asked for one sentence that a guideline lacks: what is sent, and what came back."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.chats import read_as
from annotate.errors import ProviderError
from annotate.hashing import digest
from annotate.llm.books.calls import Paid, Payer
from annotate.llm.books.ledger import Ledger
from annotate.llm.books.prices import price_of
from annotate.llm.prompts import Message, Prompt, marks
from annotate.llm.providers import Provider
from annotate.llm.providers.protocol import PLAIN, Form
from annotate.llm.templating import render
from annotate.model import Item, Value
from annotate.project import Project
from annotate.project.settings import LLMSettings
from annotate.questions import QUESTION_TYPES, QuestionSettings, brief

LONGEST_TEXT = 1000
"""Characters of a field that are shown: a proposal needs the gist of many items."""

LONGEST_SENTENCE = 500
ROOM = 600
"""Tokens that a reply may have: a summary and a sentence, whatever labels are held to."""

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"summary": {"type": "string"}, "sentence": {"type": "string"}},
    "required": ["summary", "sentence"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Writer:
    """A chat model that can be asked for text. structured: its server holds to a schema."""

    provider: Provider
    llm: LLMSettings
    ledger: Ledger
    structured: bool

    @property
    def model(self) -> str:
        return self.provider.model

    def ask(self, prompt: Prompt) -> Paid:
        """The reply to one prompt, within the ledger's caps. Raises ProviderError, CapReached."""
        payer = Payer(self.provider, self.ledger, max_tokens_out=ROOM, price=price_of(self.llm))
        form = Form(_SCHEMA) if self.structured else PLAIN

        async def once() -> Paid:
            try:
                return await payer.call(prompt, sample=0, form=form)
            finally:
                await self.provider.close()

        return asyncio.run(once())


def with_room(llm: LLMSettings) -> LLMSettings:
    """The settings of a model for a reply of sentences: one of labels may be held much shorter."""
    return llm.model_copy(update={"max_tokens": None if llm.max_tokens is None else ROOM})


def proposal_prompt(
    project: Project, question: QuestionSettings, items: Sequence[Item], people: Value, model: Value
) -> Prompt:
    """What is sent about items where people say one thing and the model another."""
    open_, close = marks(project, items, [project.guideline])
    context = {
        "project": project,
        "question": question,
        "options": QUESTION_TYPES[question.type].control(question).options,
        "people": brief(people),
        "model": brief(model),
        "items": [
            {name: read_as(project, name, item)[:LONGEST_TEXT] for name in project.fields}
            for item in items
        ],
        "open": open_,
        "close": close,
    }
    folder = f"proposal/{project.language}"
    system, version = render(folder, "system", context)
    user, user_version = render(folder, "sentence", context)
    messages = (Message("system", system), Message("user", user))
    version = f"{user_version}+{version.rsplit('/', 1)[1]}"
    return Prompt(messages, version, digest([[m.role, m.content] for m in messages]))


def read_proposal(reply: str | None) -> tuple[str, str]:
    """(summary, sentence) of a reply, each on one line. Raises ProviderError where there is no
    such object in it, or its sentence is empty or too long."""
    found = re.search(r"\{.*\}", reply or "", re.DOTALL)
    try:
        said = json.loads(found.group()) if found else None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise _useless(reply, "is no JSON object with `summary` and `sentence`")
    summary, sentence = (_line(said.get(name)) for name in ("summary", "sentence"))
    if not sentence:
        raise _useless(reply, "proposes no sentence")
    if len(sentence) > LONGEST_SENTENCE:
        raise _useless(reply, f"is longer than one sentence ({len(sentence)} characters)")
    return summary, sentence


def _line(said: object) -> str:
    return " ".join(said.split()).lstrip("-*• ") if isinstance(said, str) else ""


def _useless(reply: str | None, why: str) -> ProviderError:
    shown = " ".join((reply or "").split())[:120]
    return ProviderError(f"the model's reply {why}: {shown!r}. Ask again, or ask another model")
