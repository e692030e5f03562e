"""Everything that ever happened to one item, as one story in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from annotate.importers import TOOLS
from annotate.model import (
    IMPORTED,
    Adjudication,
    Annotation,
    Decision,
    Destination,
    Item,
    Person,
    Prelabel,
    Value,
)
from annotate.project import Project
from annotate.questions import brief
from annotate.store import Store
from annotate.store.queue.checks import Check, Purpose
from annotate.store.queue.flags import Flagged
from annotate.store.standing.consensus import ConsensusRow
from annotate.workflow.disagreement.review import item_history

Kind = Literal[
    "import", "model", "route", "answer", "second", "skip", "not_asked", "undo", "flag", "check",
    "decision",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """who: a person's name, or the model's. question: empty where it is about the whole item.

    said: in a few words. details: more of it, a sentence each. counts: False for an answer that was
    taken back. prelabel: the machine's answer that it is.
    """

    at: str
    kind: Kind
    who: str
    question: str
    said: str
    details: tuple[str, ...] = ()
    counts: bool = True
    prelabel: Prelabel | None = None


@dataclass(frozen=True, slots=True)
class ItemStory:
    """gold: question -> known answer. standing: question -> the consensus."""

    item: Item
    gold: Mapping[str, Value]
    standing: Mapping[str, ConsensusRow]
    events: list[Event]


DESTINATIONS: Mapping[Destination, str] = {
    "auto": "the model's label stands",
    "annotate": "to people",
    "audit": "to people, drawn at random to check the model",
    "strong": "to the stronger model",
}


def item_story(store: Store, project: Project, reference: str, *, actor: Person) -> ItemStory:
    """The item with this id, or this id of the user's own. Raises NotAllowed, and NotFound."""
    known = item_history(store, project, reference, actor=actor)
    item = known.item
    names = {person.id: person.name for person in store.people.all()}
    events = [Event(item.created_at, "import", "", "", "came in")]
    events += map(_voted, known.prelabels)
    events += map(_routed, known.decisions)
    for annotation, name in known.annotations:
        events += _answered(store, annotation, name)
    for check in store.checks.of_item(item.id):
        events += _checked(check, names)
    for flag in store.flags.of_item(item.id):
        events += _flagged(flag, names)
    events += [_decided(one, names) for one in store.adjudications.of_item(item.id)]
    standing = {
        question.name: row
        for question in project.questions
        for row in store.consensus.of_items(question.name, [item.id]).values()
    }
    return ItemStory(item, known.gold, standing, sorted(events, key=lambda one: one.at))


def _voted(vote: Prelabel) -> Event:
    said = vote.outcome if vote.value is None else brief(vote.value)
    details = [f"asked as {vote.variant}" + (f", sample {vote.sample + 1}" if vote.sample else "")]
    if vote.outcome == "repaired":
        details.append("right at the second try")
    if vote.confidence is not None:
        details.append(f"says it is {vote.confidence:.0%} sure")
    if vote.tokens_in is not None:
        details.append(f"{vote.tokens_in:,} tokens in, {vote.tokens_out or 0:,} out")
    if vote.reused_from == IMPORTED:
        return Event(
            vote.created_at, "model", vote.model, vote.question, said,
            ("came along from another tool", *details[1:]), prelabel=vote,
        )  # fmt: skip
    if vote.reused_from is not None:
        details.append("taken over from an earlier round")
    if vote.reason:
        details.append(f"because: {vote.reason}")
    if vote.raw and vote.raw.strip() != said:
        details.append(f"in its words: {vote.raw.strip()}")
    return Event(
        vote.created_at, "model", vote.model, vote.question, said, tuple(details), prelabel=vote
    )


def _routed(decision: Decision) -> Event:
    details = [decision.reason]
    if decision.score is not None:
        details.append(f"risk {decision.score:.3f}")
    details.append(f"chance to be sent to people {decision.propensity:.3g}")
    if decision.label != decision.model_value and decision.label is not None:
        details.append(f"label {brief(decision.label)}, as people have shown in such cases")
    said = DESTINATIONS[decision.destination]
    if decision.model_value is not None:
        said = f"{said}; the model says {brief(decision.model_value)}"
    policy = f"policy {decision.policy}"
    return Event(
        decision.created_at, "route", policy, decision.question, said, tuple(filter(None, details))
    )


def _answered(store: Store, one: Annotation, name: str) -> Iterator[Event]:
    said = {"skip": "skipped", "not_asked": "not asked: an earlier answer settled it"}.get(
        one.kind, "" if one.value is None else brief(one.value)
    )
    details = [] if one.kind == "not_asked" else [_sight(one)]
    if one.seconds is not None:
        details.append(f"in {one.seconds:.1f} s")
    if one.note:
        details.append(f"note: {one.note}")
    operation = store.operations.get(one.person_id, one.op_id or one.id)
    if operation is not None and operation.kind == "revise" and one.kind != "second":
        details.append("a change of an earlier answer")
    counts = one.undone_at is None
    yield Event(
        one.created_at, one.kind, name, one.question, said, tuple(filter(None, details)), counts
    )
    if one.undone_at is not None:
        revised = operation is not None and operation.ended == "revised"
        what = "changed" if revised else "took back"
        yield Event(one.undone_at, "undo", name, one.question, f"{what} {said}")


def _sight(one: Annotation) -> str:
    """What the person had seen of the machine's answer."""
    if one.kind == "second":
        return "a second thought, after the model's answer was revealed"
    record = one.exposure or {}
    machine = f" ({brief(record['said'])})" if record.get("said") is not None else ""
    if one.shown_prelabel == IMPORTED:
        return f"in {TOOLS[record['tool']].title}: nobody knows what was in sight there"
    if record.get("shown") == "before" or one.shown_prelabel is not None:
        return f"with the model's answer{machine} in sight"
    if record.get("shown") == "after":
        return f"blind; the model's answer{machine} was revealed afterwards"
    return "" if one.kind == "skip" else "blind"


_PURPOSES: Mapping[Purpose, tuple[str, str]] = {
    "training": ("answered in training", "right"),
    "gold": ("answered as a check", "right"),
    "reask": ("asked again, without being told", "as they said before"),
}


def _checked(check: Check, names: Mapping[str, str]) -> Iterator[Event]:
    if check.settled_at is None:
        return
    what, right = _PURPOSES[check.purpose]
    said = "skipped" if check.answers is None else brief(dict(check.answers))
    counted = [f"{check.correct} of {check.asked} {right}"] if check.asked else []
    details = (f"{what}: counts as no label", *counted)
    yield Event(check.settled_at, "check", names[check.person_id], "", said, details)


def _flagged(flag: Flagged, names: Mapping[str, str]) -> Iterator[Event]:
    yield Event(flag.created_at, "flag", names[flag.person_id], "", flag.comment or "flagged")
    if flag.closed_at is not None:
        by = names.get(flag.closed_by or "", flag.closed_by or "")
        yield Event(flag.closed_at, "flag", by, "", "saw to the flag")


_WORDS = {
    "ambiguous": "ambiguous: no answer is the right one",
    "sent_back": "sent back: a person answers again",
    "reopened": "took the decision back",
}


def _decided(one: Adjudication, names: Mapping[str, str]) -> Event:
    said = _WORDS.get(one.kind) or f"decided: {brief(one.value)}"
    details = [f"under guideline {one.guideline_version[:8]}"]
    if one.sent_to is not None:
        details.append(f"to {names.get(one.sent_to, one.sent_to)}")
    if one.comment:
        details.append(f"comment: {one.comment}")
    who = names.get(one.person_id, one.person_id)
    return Event(one.created_at, "decision", who, one.question, said, tuple(details))
