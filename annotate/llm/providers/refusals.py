"""Which part of a call's form a server refused, if it was that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import openai

from annotate.errors import ProviderError
from annotate.llm.providers.protocol import PLAIN, Form

Part = Literal["logprobs", "response_format"]
"""By the name of its parameter."""

_STATUSES = (400, 422, 501)
_NAMED: dict[Part, re.Pattern[str]] = {
    "logprobs": re.compile("logprob"),
    "response_format": re.compile("response_format|schema|structured output|grammar|guided"),
}
_OF_THE_TEXT = re.compile("context (length|size|window)|context_length|content_filter|too long")


def refusal_in(error: ProviderError) -> openai.APIStatusError | None:
    """The status behind an error by which servers refuse parameters; None for any other error."""
    cause = error.__cause__
    refused = isinstance(cause, openai.APIStatusError) and cause.status_code in _STATUSES
    return cause if refused else None  # type: ignore[return-value]


def parts(form: Form) -> tuple[Part, ...]:
    """What there is in a form, what is missed least first."""
    asked: dict[Part, object] = {"logprobs": form.top_logprobs, "response_format": form.schema}
    return tuple(part for part, value in asked.items() if value is not None)


def without(form: Form, dropped: Iterable[Part]) -> Form:
    for part in dropped:
        name = "top_logprobs" if part == "logprobs" else "schema"
        form = replace(form, **{name: getattr(PLAIN, name)})
    return form


def named(refused: openai.APIStatusError, form: Form) -> Part | None:
    """The part of the form that a refusal speaks of."""
    said = _about(refused)
    return next((part for part in parts(form) if _NAMED[part].search(said)), None)


def of_something_else(refused: openai.APIStatusError) -> bool:
    """Whether a refusal that names no part of a form says what it is about: another parameter, or
    the text itself, and another text may be taken."""
    return bool(refused.param or _OF_THE_TEXT.search(_about(refused)))


def _about(refused: openai.APIStatusError) -> str:
    """The server's words, in small letters, without what it repeats of the call."""
    body = refused.body
    if isinstance(body, dict) and isinstance(body.get("detail"), list):
        places = [one for one in body["detail"] if isinstance(one, dict)]
        return " ".join(f"{one.get('loc')} {one.get('msg')}" for one in places).lower()
    said = body.get("message") if isinstance(body, dict) else body
    return f"{refused.param} {refused.code} {said}".lower()
