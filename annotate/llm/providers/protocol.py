"""What a provider must do: turn a prompt into a reply, and its library's errors into ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from annotate.llm.prompts import Prompt
from annotate.project.settings import LLMSettings
from routing.registry import Registry


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one prompt, as it came."""

    text: str | None
    finish_reason: str | None = None
    refusal: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None


class Provider(Protocol):
    """One model on one server."""

    model: str

    async def complete(self, prompt: Prompt, *, sample: int) -> Reply:
        """The reply to one prompt. sample: which of several equal calls this is.

        Raises ProviderError; its `fatal` says that no call of this run can succeed.
        """

    async def close(self) -> None:
        """Give connections back."""


ProviderMaker = Callable[[LLMSettings, str | None], Provider]
"""Settings and the key (None: there is none) -> provider."""

PROVIDERS: Registry[ProviderMaker] = Registry("provider")
