"""What named variants and people say of items, written as it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import Annotation, Outcome, Prelabel, Round
from annotate.store import Store
from tests.small import QUESTION, START, add_slots, small_project, someone

Said = str | tuple[str, ...]
"""A value or an outcome; several: one for each sample."""

OUTCOMES: dict[str, Outcome] = {"abstained": "abstained", "invalid": "invalid", "error": "error"}


def say(
    store: Store,
    ids: Sequence[str],
    said: Mapping[str, Sequence[Said]],
    *,
    model: str = "m",
    round_id: str = "round",
) -> None:
    """One round: variant -> what it said of each item. Of two values an error came first."""
    now = iso(START)
    round_ = Round(round_id, "mails", QUESTION, "s", model, tuple(said), (), "missing", now, now)
    with store.transaction():
        store.prelabels.start_round(round_)
        for variant, answers in said.items():
            for item_id, answer in zip(ids, answers, strict=True):
                each = answer if isinstance(answer, tuple) else (answer,)
                store.prelabels.add(
                    prelabel(round_, item_id, variant, sample, value)
                    for sample, value in enumerate(each)
                )
        for item_id in ids:
            store.prelabels.finish_item(round_id, item_id, errors=0, now=now)


def prelabel(
    round_: Round, item_id: str, variant: str, sample: int, said: str, tries: int = 0
) -> Prelabel:
    outcome = OUTCOMES.get(said, "parsed")
    return Prelabel(
        id=digest(round_.id, item_id, variant, sample, tries),
        project=round_.project,
        item_id=item_id,
        question=round_.question,
        round_id=round_.id,
        variant=variant,
        sample=sample,
        model=round_.model,
        prompt_version="1",
        prompt_hash="0",
        outcome=outcome,
        value=said if outcome == "parsed" else None,
        probabilities=None,
        confidence=None,
        reason=None,
        raw=None,
        finish_reason=None,
        tokens_in=None,
        tokens_out=None,
        seconds=None,
        created_at=iso(START),
    )


def people(
    store: Store, answers: Mapping[str, str], name: str = "Ann", shown: str | None = None
) -> None:
    """A person's answers; shown: the prelabel that was in sight."""
    person = someone(store, name)
    add_slots(store, small_project(), answers)
    with store.transaction():
        for item_id, value in answers.items():
            slot = digest(item_id, QUESTION, 0)
            store.annotations.add(
                Annotation(
                    digest(name, item_id), "mails", item_id, QUESTION, slot, person.id, "answer",
                    value, None, shown, None, iso(START), None,
                )
            )  # fmt: skip
