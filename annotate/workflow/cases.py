"""What waits for a lead's decision, the most uncertain disagreement first, with all there is to
decide it by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotate.consensus import middle
from annotate.errors import AnnotateError, NotFound
from annotate.exporters import Machine, machine
from annotate.llm.variants import belongs
from annotate.model import Adjudication, Annotation, Decision, Item, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.flags import Flagged
from annotate.store.rows import to_json
from annotate.workflow.sending_back import measures, waits

MOST = 500


@dataclass(frozen=True, slots=True)
class Given:
    """One person's answer, or skip. second: what they said after the machine's was revealed.

    saw_machine: the machine's answer was in sight before theirs.
    """

    person_id: str
    name: str
    value: Value
    skipped: bool
    note: str | None
    seconds: float | None
    at: str
    saw_machine: bool
    second: Value = None


@dataclass(frozen=True, slots=True)
class Case:
    """One item's question before a lead.

    uncertainty: 0 sure .. 1, how far what is known of the item leaves its answer open. answers:
    those that count and skips, oldest first. decision: where the item was sent and why. middle: an
    answer made of parts of the given ones, where the type has such. standing: what a lead has
    decided that is in force; earlier: everything ever decided, oldest first. measures: its answers
    measure the model, so it is not sent back. after: pass it to `queue` for what comes behind.
    """

    item: Item
    question: str
    uncertainty: float
    answers: tuple[Given, ...]
    machine: Machine
    decision: Decision | None
    middle: Value
    standing: Adjudication | None
    earlier: tuple[tuple[Adjudication, str], ...]
    flags: tuple[tuple[Flagged, str], ...]
    measures: bool
    after: str


def queue(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    limit: int = 50,
    after: str | None = None,
) -> list[Case]:
    """Items on which people differ and nobody has decided, the most uncertain first.

    What was sent back waits for its answer and comes again with it. limit: 1 to 500. after: the
    `after` of the last case one has. Raises NotAllowed, and AnnotateError for another limit.
    """
    require(actor, "adjudicate")
    if not 1 <= limit <= MOST:
        raise AnnotateError(f"a queue is read by 1 to {MOST} items at once, not {limit}")
    with store.snapshot():
        waiting = _waiting(store, project, question)
        behind = [one for one in waiting if after is None or one > _place(after)][:limit]
        return _cases(store, project, question, {item_id: -minus for minus, item_id in behind})


def count_waiting(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person
) -> int:
    """How many items `queue` comes to."""
    require(actor, "adjudicate")
    with store.snapshot():
        return len(_waiting(store, project, question))


def case_of(
    store: Store, project: Project, question: QuestionSettings, reference: str, *, actor: Person
) -> Case:
    """Any one item as a case, by its id or the user's own; decided ones too. Raises NotFound."""
    require(actor, "adjudicate")
    item = store.items.find(project.project, reference)
    if item is None:
        raise NotFound(f"project {project.project!r} has no item {reference!r}")
    with store.snapshot():
        answers = [a.value for a in store.annotations.of_item(item.id) if _counts(a, question)]
        uncertainty = _uncertainty(question, answers)
        return _cases(store, project, question, {item.id: uncertainty})[0]


def _counts(one: Annotation, question: QuestionSettings) -> bool:
    return one.question == question.name and one.kind == "answer" and one.undone_at is None


# ---- the order

_Place = tuple[float, str]


def _place(after: str) -> _Place:
    uncertainty, _, item_id = after.partition("~")
    try:
        return -float(uncertainty), item_id
    except ValueError:
        raise AnnotateError(f"after: {after!r} is not the `after` of an earlier case") from None


def _waiting(store: Store, project: Project, question: QuestionSettings) -> list[_Place]:
    """(minus the uncertainty, item) in the queue's order."""
    answers: dict[str, list[Annotation]] = defaultdict(list)
    for one in store.annotations.counting(project.project, question.name):
        answers[one.item_id].append(one)
    standing = store.adjudications.in_force(project.project, question.name)
    found = []
    for item_id, given in answers.items():
        if _open(standing.get(item_id), given):
            uncertainty = _uncertainty(question, [one.value for one in given])
            if uncertainty > 0 or item_id in standing:
                found.append((-round(uncertainty, 6), item_id))
    return sorted(found)


def _open(standing: Adjudication | None, answers: Sequence[Annotation]) -> bool:
    if standing is None:
        return True
    return standing.kind == "sent_back" and not waits(standing, answers)


def _uncertainty(question: QuestionSettings, values: Sequence[Value]) -> float:
    """0 when all say the same; with classes the share of answers that the majority leaves over,
    else the mean distance between two of them."""
    kind = QUESTION_TYPES[question.type]
    given = still_offered(question, values)
    if len(given) < 2:
        return 0.0
    if kind.classes(question):
        return 1 - max(Counter(map(to_json, given)).values()) / len(given)
    pairs = [(a, b) for at, a in enumerate(given) for b in given[:at]]
    return sum(kind.distance(question, a, b) for a, b in pairs) / len(pairs)


# ---- the cases


def _cases(
    store: Store, project: Project, question: QuestionSettings, places: Mapping[str, float]
) -> list[Case]:
    ids = list(places)
    items = store.items.several(ids)
    decisions = {d.item_id: d for d in store.decisions.of_items(question.name, ids)}
    names = {person.id: person.name for person in store.people.all()}
    flags: dict[str, list[tuple[Flagged, str]]] = defaultdict(list)
    for one in store.flags.open(project.project):
        flags[one.item_id].append((one, names.get(one.person_id, one.person_id)))
    return [
        _case(
            store, project, question, items[i], places[i], decisions.get(i), names, tuple(flags[i])
        )
        for i in ids
    ]


def _case(
    store: Store,
    project: Project,
    question: QuestionSettings,
    item: Item,
    uncertainty: float,
    decision: Decision | None,
    names: Mapping[str, str],
    flags: tuple[tuple[Flagged, str], ...],
) -> Case:
    said = [a for a in store.annotations.of_item(item.id) if a.question == question.name]
    values = [a.value for a in said if _counts(a, question)]
    offered = still_offered(question, values)
    whole = middle(question, offered)
    earlier = [a for a in store.adjudications.of_item(item.id) if a.question == question.name]
    return Case(
        item=item,
        question=question.name,
        uncertainty=uncertainty,
        answers=_given(said, names),
        machine=_machine(store, project, question, item.id),
        decision=decision,
        middle=None if whole in offered else whole,
        standing=store.adjudications.standing(item.id, question.name),
        earlier=tuple((one, names.get(one.person_id, one.person_id)) for one in earlier),
        flags=flags,
        measures=measures(store, project.project, question.name, item.id),
        after=f"{uncertainty}~{item.id}",
    )


def _given(said: Sequence[Annotation], names: Mapping[str, str]) -> tuple[Given, ...]:
    force = [one for one in said if one.undone_at is None]
    seconds = {one.person_id: one.value for one in force if one.kind == "second"}
    return tuple(
        Given(
            person_id=one.person_id,
            name=names[one.person_id],
            value=one.value,
            skipped=one.kind == "skip",
            note=one.note,
            seconds=one.seconds,
            at=one.created_at,
            saw_machine=one.shown_prelabel is not None,
            second=seconds.get(one.person_id),
        )
        for one in force
        if one.kind in ("answer", "skip")
    )


def _machine(store: Store, project: Project, question: QuestionSettings, item_id: str) -> Machine:
    """The votes of the newest round of the item, as far as they count."""
    calls = [one for one in store.history.prelabels(item_id) if one.question == question.name]
    newest = [one for one in calls if one.round_id == calls[-1].round_id]
    return machine(
        (one for one in newest if not belongs(one.variant, project.llm.exclude)), question
    )
