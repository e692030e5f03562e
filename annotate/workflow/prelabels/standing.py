"""How the calls of a round stand for its items: answered, failed, given up, or known already."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from annotate.hashing import digest
from annotate.llm.prelabeller import Answer, Work
from annotate.model import Item, Prelabel, Round, Value
from annotate.store import Store

MOST_FAILURES = 3
"""How often a call may fail in one round: then something is wrong with what is in it, and it is
not asked again before somebody wants the round afresh."""

Place = tuple[str, int]
"""One call of an item: (variant, sample)."""


@dataclass(slots=True)
class Standing:
    """One item of a round. work: what may be asked about it; calls given up count as done there.

    failed: how often each call failed in earlier runs. errors: those that failed in this one.
    """

    work: Work
    failed: Counter[Place]
    given_up_before: int = 0
    errors: set[Place] = field(default_factory=set)

    @property
    def to_ask_again(self) -> int:
        """Calls that failed in this run and are asked again by the next."""
        return sum(self.failed[place] + 1 < MOST_FAILURES for place in self.errors)

    @property
    def given_up(self) -> int:
        """Calls that are not asked again."""
        return self.given_up_before + len(self.errors) - self.to_ask_again

    def prelabel(self, answer: Answer, round_: Round, model: str, *, now: str) -> Prelabel:
        """The row of an answer. Its id is made of the call: storing it twice changes nothing.

        model: who answered, where the answer does not say.
        """
        place = answer.variant, answer.sample
        if answer.outcome == "error":
            self.errors.add(place)
        return Prelabel(
            id=digest(round_.id, answer.item_id, *place, self.failed.total()),
            project=round_.project,
            item_id=answer.item_id,
            question=round_.question,
            round_id=round_.id,
            variant=answer.variant,
            sample=answer.sample,
            model=answer.model or model,
            prompt_version=answer.prompt_version,
            prompt_hash=answer.prompt_hash,
            outcome=answer.outcome,
            value=answer.value,
            probabilities=answer.probabilities,
            confidence=answer.confidence,
            reason=answer.reason,
            raw=answer.raw,
            finish_reason=answer.finish_reason,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            seconds=answer.seconds,
            created_at=now,
            cost_usd=answer.cost_usd,
            label_mass=answer.label_mass,
            call=answer.call,
            reused_from=answer.reused_from,
        )


def standings(
    store: Store,
    round_: Round,
    items: Sequence[Item],
    unasked: Mapping[Place, Value] = MappingProxyType({}),
) -> list[Standing]:
    """Each item with what this round has of it, and what other rounds know of the same calls.

    unasked: calls that are not made, as if they had ended with these values.
    """
    ids = [item.id for item in items]
    done: dict[str, dict[Place, Value]] = defaultdict(dict)
    failed: dict[str, Counter[Place]] = defaultdict(Counter)
    for prelabel in store.prelabels.of_round(round_.id, ids):
        place = prelabel.variant, prelabel.sample
        if prelabel.outcome == "error":
            failed[prelabel.item_id][place] += 1
        else:
            done[prelabel.item_id][place] = prelabel.value
    earlier: dict[str, dict[str, Answer]] = defaultdict(dict)
    for prelabel in store.prelabels.earlier(round_, ids):
        assert prelabel.call is not None
        earlier[prelabel.item_id].setdefault(prelabel.call, _taken_over(prelabel))
    return [
        _standing(item, {**done[item.id], **unasked}, failed[item.id], earlier[item.id])
        for item in items
    ]


def _standing(
    item: Item, done: dict[Place, Value], failed: Counter[Place], earlier: dict[str, Answer]
) -> Standing:
    given_up = [
        place for place, times in failed.items() if times >= MOST_FAILURES and place not in done
    ]
    work = Work(item, done | dict.fromkeys(given_up), earlier)
    return Standing(work, failed, len(given_up))


def _taken_over(prelabel: Prelabel) -> Answer:
    """An earlier answer as one of this round: nothing was asked, used or paid for it."""
    return Answer(
        prelabel.item_id,
        prelabel.variant,
        prelabel.sample,
        prelabel.outcome,
        prelabel.value,
        prompt_version=prelabel.prompt_version,
        prompt_hash=prelabel.prompt_hash,
        probabilities=prelabel.probabilities,
        confidence=prelabel.confidence,
        reason=prelabel.reason,
        raw=prelabel.raw,
        finish_reason=prelabel.finish_reason,
        label_mass=prelabel.label_mass,
        model=prelabel.model,
        call=prelabel.call,
        reused_from=prelabel.reused_from or prelabel.id,
    )
