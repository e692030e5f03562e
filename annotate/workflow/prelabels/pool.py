"""Values of a question without classes, numbered so that arrays can hold them."""

from __future__ import annotations

from annotate.errors import InvalidValue
from annotate.model import Value
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store.rows import to_json
from routing.types import NO_VOTE


class Pool:
    """Values by number, so that arrays can hold them; equal values have one number."""

    def __init__(self, question: QuestionSettings) -> None:
        self.question = question
        self.values: list[Value] = []
        self._kind = QUESTION_TYPES[question.type]
        self._numbers: dict[str, int] = {}
        self._distances: dict[tuple[int, int], float] = {}

    def number(self, value: Value) -> int:
        """-1 for a value that the question does not offer."""
        key = to_json(value)
        if key not in self._numbers:
            self._numbers[key] = self._new(value)
        return self._numbers[key]

    def distance(self, one: int, other: int) -> float:
        """Between two values: 0 the same .. 1 as different as can be."""
        if one == other:
            return 0.0
        pair = (min(one, other), max(one, other))
        if pair not in self._distances:
            a, b = (self.values[number] for number in pair)
            self._distances[pair] = float(self._kind.distance(self.question, a, b))
        return self._distances[pair]

    def _new(self, value: Value) -> int:
        try:
            parsed = self._kind.parse(self.question, value)
        except InvalidValue:
            return NO_VOTE
        key = to_json(parsed)
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(parsed)
        return self._numbers[key]
