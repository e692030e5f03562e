"""What answers and calls come to, worked out once for all items of which the same was said."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from operator import attrgetter
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from annotate.consensus import agreed, offers
from annotate.exporters.protocol import Machine, tallied
from annotate.llm.spoken import has_classes
from annotate.llm.variants import belongs
from annotate.model import VOTING, Consensus, Decision, Outcome, Prelabel, Value
from annotate.questions import QuestionSettings
from annotate.store.pages import Call
from annotate.store.rows import from_json

MOST = 10_000
"""Different things that are remembered: what people write is different every time."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Key: TypeAlias = "tuple[tuple[str, str, Outcome, str | None], ...]"


class Memo(dict[K, V], Generic[K, V]):
    """A function's results, as a dict that fills itself."""

    def __init__(self, function: Callable[[K], V]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: K) -> V:
        if len(self) >= MOST:
            self.clear()
        value = self[key] = self._function(key)
        return value


class Counted(NamedTuple):
    """machine: without the calls. refused: at least as many as were answered. models: by whom."""

    machine: Machine
    refused: bool
    models: str


class Said:
    """Over one question. exclude: variants whose calls do not count.

    classes: whether its answers are of a fixed set. `in` tells whether the question offers a value
    now; `read` makes a value of JSON text.
    """

    def __init__(self, question: QuestionSettings, exclude: Collection[str]) -> None:
        self._question, self._exclude = question, exclude
        self.classes = has_classes(question)
        self._offers: Memo[Value, bool] = Memo(lambda value: offers(question, value))
        self._agreed: Memo[tuple[Value, ...], Consensus] = Memo(lambda v: agreed(question, v))
        self._counted: Memo[Key, Counted] = Memo(self._count)
        self.read: Memo[str | None, Value] = Memo(from_json)

    def __contains__(self, value: object) -> bool:
        if value is None:
            return False
        return self._offers[value] if self.classes else offers(self._question, value)

    def people(self, values: Sequence[Value]) -> Consensus:
        """The plurality of people's values."""
        if self.classes:
            return self._agreed[tuple(values)]
        return agreed(self._question, values)

    def in_short(self, calls: Sequence[Call]) -> Counted:
        """What calls in short come to."""
        return self._counted[tuple([(c.variant, c.model, c.outcome, c.value) for c in calls])]

    def _count(self, key: Key) -> Counted:
        read = self.read
        return self._of([(v, model, outcome, read[text]) for v, model, outcome, text in key])

    def whole(self, calls: Sequence[Prelabel]) -> Counted:
        """What whole calls come to."""
        return self._of([(c.variant, c.model, c.outcome, c.value) for c in calls])

    def _of(self, calls: Sequence[tuple[str, str, Outcome, Value]]) -> Counted:
        counted = [one for one in calls if not belongs(one[0], self._exclude)]
        votes, outcomes = tallied([(one[2], one[3]) for one in counted], self._question)
        answered = [one for one in counted if one[2] in VOTING]
        refused = outcomes.get("refused", 0)
        models = ", ".join(dict.fromkeys(one[1] for one in answered))
        return Counted(Machine((), votes, outcomes), 0 < refused >= len(answered), models)


# which of an item's calls are in force

OneCall: TypeAlias = "Call | Prelabel"
C = TypeVar("C", Call, Prelabel)


def in_force(calls: Sequence[C], ranks: Mapping[str, int]) -> list[C]:
    """The answers of the newest round, by variant and sample; of a call that was asked again, its
    answer, or else its last error. ranks: round -> its number."""
    if not calls:
        return []
    rounds = {call.round_id for call in calls}
    newest = max(rounds, key=lambda one: ranks.get(one, -1)) if len(rounds) > 1 else None
    kept = [call for call in calls if newest is None or call.round_id == newest]
    if any([call.outcome == "error" for call in kept]):
        kept = [call for call in kept if not _overtaken(call, kept)]
    if len(kept) > 1:
        kept.sort(key=_place)
    return kept


def _overtaken(call: OneCall, others: Sequence[OneCall]) -> bool:
    if call.outcome != "error":
        return False
    again = [one for one in others if _place(one) == _place(call)]
    return any(
        one.outcome != "error" or (one.created_at, one.id) > (call.created_at, call.id)
        for one in again
    )


_place = attrgetter("variant", "sample")


def behind(calls: Sequence[C], current: list[C], decision: Decision | None, at: str) -> list[C]:
    """The calls that a decision was made from: a newer round may have been run since.

    calls: all of the item. at: when the label was given that was decided about.
    """
    if decision is None:
        return current
    known = [call for call in current if call.created_at <= at]
    if known or not current:
        return known
    earlier = [call for call in calls if call.created_at <= at]
    earlier.sort(key=lambda call: (call.created_at, call.variant, call.sample))
    if not earlier:
        return current  # clocks differ: better the calls in force than none
    return [call for call in earlier if call.round_id == earlier[-1].round_id]
