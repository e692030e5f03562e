"""One call after the other through the real client."""

from __future__ import annotations

import asyncio
from typing import Any

from annotate.errors import ProviderError
from annotate.llm.prompts import Message, Prompt
from annotate.llm.providers import Reply
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.project.settings import LLMSettings

KEY = "sk-planted-0123456789"
PROMPT = Prompt((Message("system", "You label."), Message("user", "Was ist das? 标")), "v", "h")


def provider(base_url: str, key: str | None = KEY, **settings: Any) -> OpenAIChat:
    given = {"model": "test-model", "timeout_s": 5.0, "base_url": base_url} | settings
    return OpenAIChat(LLMSettings.model_validate(given), key, backoff_s=0.001)


def ask(chat: OpenAIChat, times: int = 1) -> list[Reply | ProviderError]:
    """How each of several calls ended, one after the other."""

    async def all_of_them() -> list[Reply | ProviderError]:
        ended: list[Reply | ProviderError] = []
        for _ in range(times):
            try:
                ended.append(await chat.complete(PROMPT, sample=0))
            except ProviderError as error:
                ended.append(error)
        await chat.close()
        return ended

    return asyncio.run(all_of_them())


def error_of(chat: OpenAIChat) -> ProviderError:
    [ended] = ask(chat)
    assert isinstance(ended, ProviderError), ended
    assert "\n" not in str(ended)
    return ended
