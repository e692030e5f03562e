"""What waits for a lead's decision, the most uncertain disagreement first, with all there is to
decide it by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from annotate.consensus import middle
from annotate.errors import AnnotateError
from annotate.exporters import Machine, machine
from annotate.llm.variants import belongs
from annotate.model import IMPORTED, Adjudication, Annotation, Decision, Item, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.queue.flags import Flagged
from annotate.store.standing.consensus import ConsensusRow
from annotate.workflow.decisions.queueing import Place, counts, places, returned, uncertainty_of
from annotate.workflow.labelling.sending_back import measures
from annotate.workspace import require_item

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
    those that count and skips, oldest first. decision: where the item was sent and why. consensus:
    what is stood by, as last made up; None before it ever was. middle: an
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
    consensus: ConsensusRow | None
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
        found = list(islice(places(store, project, question, after), limit))
        return _cases(store, project, question, found)


def count_waiting(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person
) -> int:
    """How many items `queue` comes to."""
    require(actor, "adjudicate")
    name = project.project
    with store.snapshot():
        if store.consensus.run_of(name, question.name) is None:
            return sum(1 for _ in places(store, project, question, None))
        standing = store.adjudications.in_force(name, question.name)
        rows = store.consensus.of_items(question.name, list(standing))
        ruled = sum(row.status == "disputed" for row in rows.values())
        disputed = store.consensus.counts(name, question.name).get("disputed", 0)
        return disputed - ruled + len(returned(store, standing))


def case_of(
    store: Store, project: Project, question: QuestionSettings, reference: str, *, actor: Person
) -> Case:
    """Any one item as a case, by its id or the user's own; decided ones too. Raises NotFound."""
    require(actor, "adjudicate")
    item = require_item(store, project, reference)
    with store.snapshot():
        said = store.annotations.of_item(item.id)
        uncertainty = uncertainty_of(question, [a.value for a in said if counts(a, question.name)])
        return _cases(store, project, question, [Place(0.0, item.id, uncertainty)])[0]


def _cases(
    store: Store, project: Project, question: QuestionSettings, found: Sequence[Place]
) -> list[Case]:
    ids = [place.item_id for place in found]
    items = store.items.several(ids)
    decisions = {d.item_id: d for d in store.decisions.of_items(question.name, ids)}
    consensus = store.consensus.of_items(question.name, ids)
    names = {person.id: person.name for person in store.people.all()}
    flags: dict[str, list[tuple[Flagged, str]]] = defaultdict(list)
    for one in store.flags.open(project.project):
        flags[one.item_id].append((one, names.get(one.person_id, one.person_id)))
    made = []
    for place in found:
        i, row = place.item_id, consensus.get(place.item_id)
        said = [a for a in store.annotations.of_item(i) if a.question == question.name]
        earlier = [a for a in store.adjudications.of_item(i) if a.question == question.name]
        case = Case(
            item=items[i],
            question=question.name,
            uncertainty=place.uncertainty if row is None else row.uncertainty,
            answers=_given(said, names),
            machine=_machine(store, project, question, i),
            decision=decisions.get(i),
            consensus=row,
            middle=_middle(question, said),
            standing=store.adjudications.standing(i, question.name),
            earlier=tuple((one, names.get(one.person_id, one.person_id)) for one in earlier),
            flags=tuple(flags[i]),
            measures=measures(store, project.project, question.name, i),
            after=f"{place.priority}~{i}",
        )
        made.append(case)
    return made


def _middle(question: QuestionSettings, said: Sequence[Annotation]) -> Value:
    """None where it is one of the answers, too."""
    offered = still_offered(question, [a.value for a in said if counts(a, question.name)])
    whole = middle(question, offered)
    return None if whole in offered else whole


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
            saw_machine=one.shown_prelabel not in (None, IMPORTED),
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
