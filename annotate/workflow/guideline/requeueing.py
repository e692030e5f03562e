"""After a change of the guideline: the items whose answers it may change go to people again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from annotate.clock import iso
from annotate.errors import AnnotateError, Conflict, NotFound, NothingToDo
from annotate.model import Annotation, Assignment, Decision, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings, brief
from annotate.store import Store
from annotate.store.standing.requeues import Requeue
from annotate.store.versions import Version
from annotate.workflow.decisions.adjudicating import send_back
from annotate.workflow.labelling.sending_back import FIRST
from annotate.workflow.labelling.slots import number_after, open_slot
from annotate.workflow.prelabels.examples import human_values
from annotate.workflow.prelabels.protected import protected_items
from annotate.workflow.projects.opening import opening

MOST = 500
"""Items that go to people at a time: more would hide what else is urgent."""


@dataclass(frozen=True, slots=True)
class Which:
    """The items that are meant: one of three. label: those whose answer in force is this label.
    people, model: a cell of the confusion. auto: all whose label the model gave alone."""

    label: Value = None
    people: Value = None
    model: Value = None
    auto: bool = False

    def told(self) -> str:
        """
        >>> Which(label="spam").told(), Which(auto=True).told()
        ('items labelled spam', "items that stayed with the model's label")
        """
        if self.auto:
            return "items that stayed with the model's label"
        if self.label is not None:
            return f"items labelled {brief(self.label)}"
        return f"items where people say {brief(self.people)} and the model {brief(self.model)}"


@dataclass(frozen=True, slots=True)
class Affected:
    """answered: by people, before the change; the least sure first, as all here. automatic: with
    the model's label alone. left_out: (how many, why not) of those that stay as they are."""

    which: Which
    answered: Sequence[str]
    automatic: Sequence[str]
    left_out: Sequence[tuple[int, str]]

    @property
    def items(self) -> int:
        return len(self.answered) + len(self.automatic)


def affected(
    store: Store,
    project: Project,
    question: QuestionSettings,
    which: Which,
    *,
    version: int,
    actor: Person,
) -> Affected:
    """The items answered or labelled before this version whose answer it may change; only reads.

    Left out are items that measure the model, those that a lead decided about, and those that
    wait for people anyway. Raises NotAllowed, NotFound for an unknown version, and AnnotateError
    unless exactly one kind of items is named.
    """
    require(actor, "edit projects")
    _refuse_several(which)
    since = _version(store, project, version).created_at
    values = human_values(store, project.project, question)
    given = _answers(store, project, question)
    made = {one.item_id: one for one in store.decisions.current(project.project, question.name)}
    meant = [
        item_id
        for item_id in dict.fromkeys([*made, *values])
        if _means(which, made.get(item_id), values.get(item_id))
        and _before(since, made.get(item_id), given.get(item_id))
    ]
    measuring = protected_items(store, project.project, question)
    decided = store.adjudications.in_force(project.project, question.name)
    waiting = store.assignments.open_priorities(project.project, question.name)
    again = store.requeues.of_version(project.project, question.name, version)
    reasons: dict[str, int] = defaultdict(int)
    left = []
    for item_id in sorted(meant, key=lambda i: (-_doubt(made.get(i)), i)):
        if item_id in measuring:
            reasons["measure the model, so their answers stay as they were given"] += 1
        elif item_id in decided and decided[item_id].kind != "sent_back":
            reasons["were decided by a lead: decide them again where needed"] += 1
        elif item_id in waiting or item_id in again:
            reasons["wait for people already, or were asked about again"] += 1
        else:
            left.append(item_id)
    return Affected(
        which,
        [item_id for item_id in left if item_id in values],
        [item_id for item_id in left if item_id not in values],
        [(count, why) for why, count in reasons.items()],
    )


def requeue(
    store: Store,
    project: Project,
    question: QuestionSettings,
    which: Which,
    *,
    version: int,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
    most: int = MOST,
) -> Requeue:
    """Put up to `most` of the affected items before people again; every earlier answer is kept.

    What people answered goes back to who answered it, whose next answer takes that one's place;
    where several did, to somebody who has not had it, or to the last of them. What has the model's
    label alone gets a new slot, and keeps the label until somebody answers.
    Raises NotAllowed, NothingToDo when nothing is affected, Conflict while the project is frozen.
    """
    require(actor, "edit projects")
    found = affected(store, project, question, which, version=version, actor=actor)
    if not found.items:
        why = "; ".join(f"{count:,} {why}" for count, why in found.left_out)
        raise NothingToDo(f"no {which.told()} are to be asked about again{why and f': {why}'}")
    state = opening(store, project)
    if state is not None and state.state == "frozen":
        raise Conflict(f"{project.project!r} is frozen: `coannotate reopen` first")
    kinds: dict[str, str] = {}
    comment = _comment(_version(store, project, version))
    given = _answers(store, project, question)
    with store.transaction():
        for item_id in found.answered[:most]:
            _send(store, project, question, item_id, given[item_id], comment, actor, now, new_id)
            kinds[item_id] = "sent back"
        opened = found.automatic[: most - len(kinds)]
        slots = [_slot(store, project, question, item_id) for item_id in opened]
        store.assignments.add(slots, now=iso(now))
        kinds |= dict.fromkeys(opened, "opened")
        made = Requeue(
            id=new_id(),
            project=project.project,
            question=question.name,
            version=version,
            which=which.told(),
            items=len(kinds),
            person=actor.name,
            created_at=iso(now),
        )
        store.requeues.add(made, kinds)
    return made


def _refuse_several(which: Which) -> None:
    cell = which.people is not None or which.model is not None
    if which.auto + (which.label is not None) + cell != 1 or (
        cell and None in (which.people, which.model)
    ):
        raise AnnotateError(
            "name the items in one way: by a label, by what people and what the model say, or all "
            "that stayed with the model's label"
        )


def _version(store: Store, project: Project, number: int) -> Version:
    found = store.versions.numbered(project.project, number)
    if found is None:
        raise NotFound(f"{project.project} has no version {number}")
    return found


def _means(which: Which, made: Decision | None, value: Value) -> bool:
    if which.auto:
        return value is None and made is not None and made.destination == "auto"
    if which.label is not None:
        delivered = value if value is not None or made is None else made.label
        return bool(delivered == which.label)
    model = None if made is None else made.model_value
    return bool(value == which.people and model == which.model)


def _before(since: str, made: Decision | None, given: Sequence[Annotation] | None) -> bool:
    """Whether what is in force is older than the change: people's last answer, else the routing."""
    if given:
        return _last(given).created_at < since
    return made is not None and made.created_at < since


def _doubt(made: Decision | None) -> float:
    return 0.0 if made is None or made.score is None else made.score


def _answers(
    store: Store, project: Project, question: QuestionSettings
) -> dict[str, list[Annotation]]:
    """item id -> people's answers that count."""
    found: dict[str, list[Annotation]] = defaultdict(list)
    for one in store.annotations.counting(project.project, question.name):
        found[one.item_id].append(one)
    return found


def _last(given: Sequence[Annotation]) -> Annotation:
    return max(given, key=lambda one: one.created_at)


def _send(
    store: Store,
    project: Project,
    question: QuestionSettings,
    item_id: str,
    given: Sequence[Annotation],
    comment: str,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
) -> None:
    """Back to the one who answered; of several, to somebody else if there is one."""
    last = _last(given).person_id

    def back(to: str | None) -> None:
        send_back(
            store, project, question, item_id, comment, to=to, actor=actor, now=now, new_id=new_id
        )

    if len(given) == 1:
        back(last)
        return
    try:
        with store.attempt():
            back(None)
    except NothingToDo:
        back(last)


def _comment(version: Version) -> str:
    told = "; ".join(version.told or ())
    what = f" ({told})" if told else ""
    return f"The project has changed{what}. Please answer again, by what it says now."[:2000]


def _slot(store: Store, project: Project, question: QuestionSettings, item_id: str) -> Assignment:
    number = number_after(store.assignments.of_item(item_id, question.name))
    return open_slot(project.project, item_id, question.name, number, FIRST, extra=True)
