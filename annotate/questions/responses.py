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
        yield Mistake("`responses` names a field twice", "Name each field once.")
    if prompt in responses:
        yield Mistake("`prompt` is one of `responses`", "Name the field that holds the prompt.")
    for name in responses if prompt is None else (prompt, *responses):
        if name not in fields:
            yield Mistake(f"field {name!r} is not in `fields`", f"Add `{name}` to `fields`.")


def called(option: Option) -> tuple[str, ...]:
    """What a prompt calls a response, then what else a model may call it."""
    letter = option.title
    return (letter, f"Response {letter}", f"回答 {letter}", f"回答{letter}")
