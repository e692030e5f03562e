"""A small project, its people and what a machine said of its items, for tests and benches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import Assignment, Item, Outcome, Person, Prelabel, Role, Round
from annotate.people import add_person, operator
from annotate.project import Project
from annotate.store import Store

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUESTION = "mail"
VARIANTS = ("v0", "v1", "v2", "v3", "v4")


@dataclass
class Clock:
    """Stands still until told: `clock()` is the time, `clock.forward(minutes)` passes some."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, minutes: float) -> datetime:
        self.at += timedelta(minutes=minutes)
        return self.at


def small_project(**changes: object) -> Project:
    """Mails that are spam or ham. changes: keys of the file, such as `people={...}`."""
    said: dict[str, Any] = {
        "project": "mails",
        "title": "Mails",
        "fields": ["text"],
        "questions": [
            {
                "name": QUESTION,
                "type": "single_label",
                "text": "What is it?",
                "labels": [{"name": "spam"}, {"name": "ham"}],
            }
        ],
    }
    return Project.model_validate(said | changes)


def know(store: Store, project: Project) -> None:
    """Record the project, so that items can refer to it."""
    store.projects.record(project.project, text="", hash="0", now=iso(START))


def someone(store: Store, name: str, role: Role = "annotator") -> Person:
    """A person of that name, stored."""
    return add_person(store, name, role, actor=operator(START), now=START)


def item(project: Project, at: int) -> Item:
    """The item at a position; always the same one."""
    return Item(
        id=digest(project.project, f"id:{at}"),
        project=project.project,
        position=at,
        key=f"id:{at}",
        content_hash=digest(at),
        fields={"text": f"mail {at}"},
        metadata={},
        created_at=iso(START),
    )


def add_items(store: Store, project: Project, count: int) -> list[str]:
    """Ids of `count` new items behind those that are there."""
    first = store.items.next_position(project.project)
    items = [item(project, at) for at in range(first, first + count)]
    with store.transaction():
        know(store, project)
        store.items.add(items)
    return [one.id for one in items]


def add_slots(
    store: Store,
    project: Project,
    item_ids: Iterable[str],
    per_item: int = 1,
    question: str = QUESTION,
) -> None:
    """Open slots, the first item the most urgent."""
    store.assignments.add(
        (
            Assignment(
                id=digest(item_id, question, slot),
                project=project.project,
                item_id=item_id,
                question=question,
                slot=slot,
                priority=-float(at),
                state="open",
                person_id=None,
                leased_until=None,
            )
            for at, item_id in enumerate(item_ids)
            for slot in range(per_item)
        ),
        now=iso(START),
    )


Said = str | tuple[str, float]
"""A value, an outcome other than `parsed`, or a value with its stated confidence."""


def machine_says(
    store: Store,
    project: Project,
    said: Mapping[str, Sequence[Said]],
    *,
    round_id: str = "round1",
    started: datetime = START,
    variants: Sequence[str] = VARIANTS,
    settings: str = "settings",
    question: str = QUESTION,
) -> None:
    """Store one round of pre-labels: item id -> what each variant said."""
    round_ = Round(
        id=round_id,
        project=project.project,
        question=question,
        settings_hash=settings,
        model="made up",
        variants=tuple(variants),
        examples=(),
        scope="missing",
        started_at=iso(started),
        finished_at=None,
    )
    with store.transaction():
        store.prelabels.start_round(round_)
        store.prelabels.add(
            p for i, answers in said.items() for p in _prelabels(round_, i, answers)
        )
        for item_id, answers in said.items():
            errors = sum(answer == "error" for answer in answers)
            store.prelabels.finish_item(round_id, item_id, errors=errors, now=iso(started))
        store.prelabels.finish_round(round_id, now=iso(started))


def call_of(
    round_: Round,
    item_id: str,
    variant: str,
    said: str | None,
    outcome: Outcome = "parsed",
    *,
    id: str,
    sample: int = 0,
    confidence: float | None = None,
) -> Prelabel:
    """One of a round's calls, of which only what was said is known."""
    return Prelabel(
        id=id,
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
        confidence=confidence,
        reason=None,
        raw=None,
        finish_reason=None,
        tokens_in=None,
        tokens_out=None,
        seconds=None,
        created_at=round_.started_at,
    )


def _prelabels(round_: Round, item_id: str, answers: Sequence[Said]) -> Iterator[Prelabel]:
    for at, answer in enumerate(answers):
        value, confidence = answer if isinstance(answer, tuple) else (answer, None)
        outcome: Outcome = "parsed"
        if isinstance(value, str) and value in _UNUSABLE:
            outcome = _UNUSABLE[value]
        variant = round_.variants[at] if at < len(round_.variants) else f"v{at}"
        made = digest(round_.id, item_id, at)
        yield call_of(round_, item_id, variant, value, outcome, id=made, confidence=confidence)


_UNUSABLE: dict[str, Outcome] = {
    "abstained": "abstained",
    "invalid": "invalid",
    "refused": "refused",
    "truncated": "truncated",
    "error": "error",
}
