"""What may be said to a prompt, and what it means."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annotate.llm.replies import ABSTAIN, fold, meanings
from annotate.llm.variants import Variant
from annotate.model import Value
from annotate.questions import QUESTION_TYPES, Option, QuestionSettings

CACHED = 1024
"""Most items are asked alike; only orders of options differ, in some ways of asking."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said -> value or ABSTAIN. words: all that is understood, folded; answers: what the
    prompt asks for, as it is spelled there."""

    words: Mapping[str, Any]
    answers: Mapping[str, Any]


@lru_cache(maxsize=CACHED)
def speech_of(
    question: QuestionSettings,
    options: tuple[Option, ...],
    letters: tuple[str, ...],
    variant: Variant,
    claim: str | None,
    language: str,
) -> Speech:
    """The words for options as a variant shows them, with their letters. claim: the value a claim
    or challenge is about."""
    words = _words(question, options, letters, variant, claim, language)
    told = _told(options, letters, variant, language)
    return Speech(words, {answer: words[fold(answer)] for answer in told})


@lru_cache(maxsize=CACHED)
def letters_for(
    question: QuestionSettings, options: tuple[Option, ...], language: str
) -> tuple[str, ...]:
    """A, B, C ... for the options; numbers where those do not reach or are names themselves."""
    count, kind = len(options), QUESTION_TYPES[question.type]
    responses = len(kind.control(question).responses)  # these have the same letters as names
    schemes = [
        tuple(string.ascii_uppercase[:count]),
        tuple(str(n) for n in range(1, count + 1)),
    ]
    for letters in schemes:
        own = {
            fold(name)
            for place, option in enumerate(options)
            for name in kind.called(option, language)
            if place >= responses or letters[place : place + 1] != (name,)
        }
        if len(letters) == count and own.isdisjoint(map(fold, letters)):
            return letters
    return tuple(f"#{n}" for n in range(1, count + 1))


def _words(
    question: QuestionSettings,
    options: Sequence[Option],
    letters: Sequence[str],
    variant: Variant,
    claim: Value,
    language: str,
) -> dict[str, Any]:
    """Folded word -> value or ABSTAIN."""
    way = variant.way
    names = [
        (word, option.value)
        for option in options
        for word in QUESTION_TYPES[question.type].called(option, language)
    ]
    if way.kind == "open":
        return meanings(names)
    if way.kind == "letters":
        return meanings(names) | meanings(_lettered(letters, options))
    others = [option.value for option in options if option.value != claim]
    denied = others[0] if len(others) == 1 else ABSTAIN
    if way.kind == "challenge":  # "no" insists; where a label is itself called "no", it is unclear
        return meanings([*names, *_yes_no(denied, claim, negated=True)])
    yes, no = (denied, claim) if way.negated else (claim, denied)
    return meanings(_yes_no(yes, no, negated=way.negated))


def _told(
    options: Sequence[Option], letters: Sequence[str], variant: Variant, language: str
) -> Sequence[str]:
    """The answers that the templates ask for, as they spell them."""
    titles = tuple(option.title for option in options)
    match variant.way.kind:
        case "open":
            return titles
        case "letters":
            return letters
        case "challenge":
            return (_YES_NO["confirmation", language][1], *titles)
        case "claim":
            return _YES_NO[variant.way.name.removesuffix("_negated"), language]


_YES_NO = {
    ("true_false", "en"): ("true", "false"),
    ("true_false", "zh"): ("对", "错"),
    ("confirmation", "en"): ("yes", "no"),
    ("confirmation", "zh"): ("同意", "不同意"),
}


def _lettered(letters: Sequence[str], options: Sequence[Option]) -> Iterator[tuple[str, Any]]:
    for letter, option in zip(letters, options, strict=True):
        for form in ("{}", "{}. {}", "{}) {}", "({}) {}", "{}: {}"):
            yield form.format(letter, option.title), option.value


def _yes_no(yes: Any, no: Any, *, negated: bool) -> list[tuple[str, Any]]:
    agreeing = ["true", "yes", "agree", "I agree", "对", "正确", "同意", "我同意"]
    denying = ["false", "no", "disagree", "I disagree", "错", "错误", "不对", "不同意", "我不同意"]
    if not negated:  # 是 and 不是 can agree to "it is not" or deny it
        agreeing, denying = [*agreeing, "是"], [*denying, "否", "不是"]
    return [(word, yes) for word in agreeing] + [(word, no) for word in denying]
