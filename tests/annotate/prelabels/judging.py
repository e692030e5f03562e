"""What named variants and people say of items, written as it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import Annotation, Outcome, Prelabel, Round
from annotate.store import Store
from tests.small import QUESTION, START, add_slots, call_of, small_project, someone

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
    made = digest(round_.id, item_id, variant, sample, tries)
    outcome = OUTCOMES.get(said, "parsed")
    return call_of(round_, item_id, variant, said, outcome, id=made, sample=sample)


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
