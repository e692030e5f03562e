"""Candidate responses beside each other: letters for values, fields for texts."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence

from annotate.questions.controls import Option
from annotate.questions.protocol import Mistake


def letters_of(responses: Sequence[str]) -> str:
    """ "a", "b", ... in the order of the responses."""
    return string.ascii_lowercase[: len(responses)]


def options_of(responses: Sequence[str]) -> list[Option]:
    return [Option(letter, letter.upper()) for letter in letters_of(responses)]


def response_mistakes(
    prompt: str | None, responses: Sequence[str], fields: Sequence[str]
) -> Iterator[Mistake]:
    """Fields that stand twice or that items do not have."""
    if len(set(responses)) < len(responses):
        yield Mistake("names a field twice", "Name each field once.", ("responses",))
    if prompt in responses:
        rule = "is one of `responses`"
        yield Mistake(rule, "Name the field that holds the prompt.", ("prompt",))
    if prompt is not None and prompt not in fields:
        yield _no_field(prompt, "prompt")
    for at, name in enumerate(responses):
        if name not in fields:
            yield _no_field(name, "responses", at)


def _no_field(name: str, *at: str | int) -> Mistake:
    return Mistake(f"{name!r} is not in `fields`", f"Add `{name}` to `fields`.", at)


def called(option: Option) -> tuple[str, ...]:
    """What a prompt calls a response, then what else a model may call it."""
    letter = option.title
    return (letter, f"Response {letter}", f"回答 {letter}", f"回答{letter}")
