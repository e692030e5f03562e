"""Any function as a provider: for tests, rules and other people's code."""

from __future__ import annotations

from collections.abc import Callable

from annotate.llm.prompts import Prompt
from annotate.llm.providers.protocol import PLAIN, Form, Reply


class FunctionProvider:
    """Calls `answer(prompt, sample)`; what it raises goes to the caller unchanged."""

    dropped: tuple[str, ...] = ()

    def __init__(self, answer: Callable[[Prompt, int], str], *, model: str = "function") -> None:
        self.model = model
        self._answer = answer

    async def complete(self, prompt: Prompt, *, sample: int, form: Form = PLAIN) -> Reply:
        return Reply(self._answer(prompt, sample), finish_reason="stop")

    async def close(self) -> None:
        return None
