"""What a provider must do: turn a prompt into a reply, and its library's errors into ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from annotate.llm.prompts import Prompt
from annotate.project.settings import LLMSettings
from routing.registry import Registry


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked of a reply besides the prompt's words. A server that cannot do it is never
    sent it.

    schema: JSON schema of the whole reply. top_logprobs: how many alternatives to tell for each
    token; None for no log-probabilities.
    """

    schema: Mapping[str, Any] | None = None
    top_logprobs: int | None = None


PLAIN = Form()


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a reply, with natural logarithms of probabilities.

    likeliest: (text, logprob) of the likeliest tokens at this place, as the server told them; the
    token itself need not be among them.
    """

    text: str
    logprob: float
    likeliest: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one prompt, as it came."""

    text: str | None
    finish_reason: str | None = None
    refusal: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens: tuple[Token, ...] | None = None
    """The reply token by token; None where no log-probabilities came.

    Their texts need not make up `text`: servers remove what a model wrote around an answer (a
    fence, its thoughts), and a token without a usable log-probability is left out. What was split
    over several tokens within one character is one token here.
    """


class Provider(Protocol):
    """One model on one server."""

    model: str

    @property
    def dropped(self) -> tuple[str, ...]:
        """Parts of forms that the server refused; they were not sent again."""

    async def complete(self, prompt: Prompt, *, sample: int, form: Form = PLAIN) -> Reply:
        """The reply to one prompt. sample: which of several equal calls this is.

        Raises ProviderError; its `fatal` says that no call of this run can succeed.
        """

    async def close(self) -> None:
        """Give connections back."""


ProviderMaker = Callable[[LLMSettings, str | None], Provider]
"""Settings and the key (None: there is none) -> provider."""

PROVIDERS: Registry[ProviderMaker] = Registry("provider")
