"""The log-probabilities of a reply's tokens -> the probability of each class.

Every alternative to a token is the beginning of a reply that could have come. Where only one value
can be meant by such a beginning, its probability belongs to that value. Where several can ("s" of
spam and sport), the next token tells, but only along the reply that did come: what lies elsewhere
stays unresolved, and where too much does there are no probabilities. None are ever made up.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.llm.prompts import Asked
from annotate.llm.providers.protocol import Token
from annotate.llm.replies import ABSTAIN, CLOSING, OPENING, answer_start, fold
from annotate.llm.structured import tells_classes
from annotate.model import Value

MOST_UNRESOLVED = 0.1
"""Of the probability that may be on answers. If all that is unresolved were on one of them, no
class's probability would be off by more than this."""

ROUNDING = 0.01
"""How far above 1 the told probabilities of one place may add up."""


@dataclass(frozen=True, slots=True)
class Chances:
    """probabilities: class -> 0..1, of every class in order, sum 1; a class without a told
    beginning has 0. None where they are not known.

    label_mass: the probability of an answer at all, before that scaling, 0..1; small where the
    reply had to take a form that the model would not have chosen.
    """

    probabilities: Mapping[str, float] | None = None
    label_mass: float | None = None


UNKNOWN = Chances()


def label_chances(text: str, tokens: Sequence[Token], asked: Asked, value: Value) -> Chances:
    """What the tokens of a reply say of its answer.

    text: the reply, which was read as `value`. UNKNOWN where an answer may name no class (true or
    false about one of many), and where the tokens do not lead to `value`.
    """
    if not tells_classes(asked):
        return UNKNOWN
    found = masses(text, tokens, asked)
    if found is None or found.said != value:
        return UNKNOWN
    mass = sum(found.by_value.values())
    if mass == 0 or found.unresolved > MOST_UNRESOLVED * (mass + found.unresolved):
        return Chances(None, min(mass, 1.0))
    probabilities = {name: found.by_value.get(name, 0.0) / mass for name in asked.classes}
    return Chances(probabilities, min(mass, 1.0))


@dataclass(slots=True)
class Masses:
    """Where the probability is, given what the reply wrote before its answer; all sum to 1.

    other: on replies that name no value. unresolved: on beginnings that several values share, and
    on tokens that the server did not tell. said: the value that the reply itself leads to.
    """

    by_value: defaultdict[Value, float] = field(default_factory=lambda: defaultdict(float))
    other: float = 0.0
    unresolved: float = 0.0
    said: Value = None

    def add(self, values: frozenset[Any], mass: float) -> None:
        """Put the mass of a beginning where it belongs. values: what it can come to."""
        if len(values) > 1:
            self.unresolved += mass
        elif values and ABSTAIN not in values:
            self.by_value[next(iter(values))] += mass
        else:
            self.other += mass


def masses(text: str, tokens: Sequence[Token], asked: Asked) -> Masses | None:
    """The masses at the place where the reply's answer begins.

    None where that place is not among the tokens, or their numbers are no probabilities.
    """
    before = _before(text, tokens)
    if before is None:
        return None
    beginnings = _Beginnings.of(asked, before)
    found, reach, path, begun = Masses(), 1.0, "", False
    for token in tokens:
        begun = begun or not beginnings.all_alike(path + token.text)
        if begun:
            others, untold = _others(token)
            if untold < -ROUNDING:
                return None
            for alternative, probability in others:
                found.add(beginnings.possible(path + alternative), reach * probability)
            found.unresolved += reach * max(0.0, untold)
            reach *= _probability(token.logprob)
            values = beginnings.possible(path + token.text)
            if len(values) <= 1:
                found.add(values, reach)
                found.said = next(iter(values), None)
                return found
        path += token.text
    found.unresolved += reach
    return found


def _before(text: str, tokens: Sequence[Token]) -> str | None:
    """All that was generated before the answer: a server leaves thoughts and code fences out of
    the text, but not out of the tokens."""
    said, generated = text.strip(), "".join(token.text for token in tokens)
    at = generated.rfind(said)
    return generated[: at + answer_start(said)] if said and at >= 0 else None


def _others(token: Token) -> tuple[list[tuple[str, float]], float]:
    """The alternatives that did not come, with their probabilities; and what is left untold."""
    told = [(text, _probability(logprob)) for text, logprob in token.likeliest]
    own = (token.text, _probability(token.logprob))
    # the token itself is among the likeliest or not, and two tokens may read alike
    if any(text == token.text for text, _ in told):
        told.remove(min((one for one in told if one[0] == token.text), key=_distance(own[1])))
    return told, 1.0 - own[1] - sum(probability for _, probability in told)


def _distance(probability: float) -> Callable[[tuple[str, float]], float]:
    return lambda told: abs(told[1] - probability)


def _probability(logprob: float) -> float:
    return math.exp(min(logprob, 0.0))


@dataclass(frozen=True, slots=True)
class _Beginnings:
    """What a reply can come to that begins in some way.

    before: what stands in front of the answer. tiers: (folded word, value); a word of a later
    tier counts where none of an earlier one fits, so that "B" is the letter that was asked for,
    and not the first half of "Billing".
    """

    before: str
    tiers: tuple[tuple[tuple[str, Any], ...], ...]
    everything: frozenset[Any]

    @staticmethod
    def of(asked: Asked, before: str) -> _Beginnings:
        answers = {fold(answer): value for answer, value in asked.answers.items()}
        tiers = tuple(tuple(_spelled(words.items())) for words in (answers, asked.words))
        return _Beginnings(before, tiers, frozenset(asked.words.values()))

    def possible(self, reply: str) -> frozenset[Any]:
        """The values (or ABSTAIN) that a reply can come to that begins with `reply`."""
        if self.before.startswith(reply):
            return self.everything
        starts = [len(self.before)] if reply.startswith(self.before) else []
        for start in (*starts, answer_start(reply)):
            forms = list(_forms(self._decoded(reply[start:])))
            for words in self.tiers:
                values = frozenset(v for word, v in words if any(_fits(f, word) for f in forms))
                if values:
                    return values
        return self.everything if _LEADING_UP.fullmatch(forms[-1]) else frozenset()

    def all_alike(self, reply: str) -> bool:
        """Whether a reply that begins so can still come to any value, each as well as the others:
        only quotes, brackets and blanks stand where the answer is to come."""
        if self.before.startswith(reply):
            return True
        said = reply[len(self.before) :]
        if said.lstrip(OPENING) or not reply.startswith(self.before):
            return False
        own = {v for words in self.tiers for word, v in words if word.startswith(fold(said))}
        return not own or own == self.everything

    def _decoded(self, said: str) -> str:
        """Without half a character at the end, which may become any."""
        if all(word.isascii() for words in self.tiers for word, _ in words):
            return said
        return _HALF.split(said, maxsplit=1)[0]


def _spelled(words: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Each word, and as it is written in JSON where that is another."""
    for word, value in words:
        yield word, value
        in_json = json.dumps(word, ensure_ascii=False)[1:-1]
        if in_json != word:
            yield in_json, value


def _forms(said: str) -> Iterator[str]:
    """Folded, with all of what may stand before an answer, then with less and less of it."""
    for start in range(len(said) - len(said.lstrip(OPENING)) + 1):
        yield fold(said[start:])


def _fits(said: str, word: str) -> bool:
    """Whether `said` is the beginning of `word`, or `word` with what may stand behind it."""
    return word.startswith(said) or (
        said.startswith(word) and _BEHIND.fullmatch(said, len(word)) is not None
    )


_BEHIND = re.compile(rf'[{re.escape(CLOSING)}}}]*(?:(?<=\n).*|"\s*[,}}].*|<[|/].*)?', re.DOTALL)
"""Blanks and closing marks; then a new line, the rest of an object, or a token that ends it."""
_LEADING_UP = re.compile(
    r"json\s*|\{[^:]*:?\s*|<think.*|(?:the |my |final )*(?:the|my|final|label|answer|category|"
    r"better(?: response)?)(?: is)?[:：]?\s*|(?:标签|答案|类别|回答)[:：]?",
    re.DOTALL,
)
"""What an answer may yet follow, as `answer_start` knows it."""
_HALF = re.compile("[\ufffd\ud800-\udfff]")
