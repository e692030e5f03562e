"""A lead's word on an item: its answer, that there is none, or that a person answers again.

A promise is never touched by it. Its audit measures the model against what people say when they
are asked in the normal way; a second look at those answers that happen to differ would only ever
find the model right more often. So an audited answer counts as it was given, the label that goes
out is the lead's, and an audited item is not sent back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from annotate.clock import iso
from annotate.errors import AnnotateError, Conflict, InvalidValue, NotFound, NothingToDo
from annotate.model import Adjudication, Item, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, accept, still_offered
from annotate.questions.text import MODEL
from annotate.store import Store
from annotate.workflow.labelling.overlap import reconsider
from annotate.workflow.labelling.seat import Seat
from annotate.workflow.labelling.sending_back import ask_again, ask_no_more, measures
from annotate.workflow.projects.opening import opening

LONGEST_COMMENT = 2000
NOTHING_STOOD = ""


def decide(
    store: Store,
    project: Project,
    question: QuestionSettings,
    item_id: str,
    value: object,
    *,
    comment: str | None = None,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
    seen: str | None = None,
) -> Adjudication:
    """This is the item's answer from now on, whatever was decided before.

    new_id: an id that is there already is the same decision sent again, which changes nothing.
    seen: id of what stood when the lead looked, "" for nothing; None: whatever stands is replaced.
    Raises NotAllowed, NotFound, InvalidValue, and Conflict when something else stands by now.
    """
    require(actor, "adjudicate")
    desk = _Desk(store, project, question, item_id, actor, now, new_id(), seen)
    with store.transaction():
        answer = _accepted(desk, value)
        return desk.add("decided", {"value": answer, "comment": comment})


def mark_ambiguous(
    store: Store,
    project: Project,
    question: QuestionSettings,
    item_id: str,
    *,
    comment: str | None = None,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
    seen: str | None = None,
) -> Adjudication:
    """No answer is the right one: the item teaches nothing and goes into no file. As `decide`."""
    require(actor, "adjudicate")
    desk = _Desk(store, project, question, item_id, actor, now, new_id(), seen)
    with store.transaction():
        return desk.add("ambiguous", {"comment": comment})


def send_back(
    store: Store,
    project: Project,
    question: QuestionSettings,
    item_id: str,
    comment: str,
    *,
    to: str | None = None,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
    seen: str | None = None,
) -> Adjudication:
    """A person answers the item again and reads the comment with it; until then it has no answer.

    to: id of somebody who has answered it: they have it in hand again, and their next answer takes
    the place of that one. None: somebody who has not had the item. Raises as `decide` does,
    AnnotateError without a comment or for an audited item, and NothingToDo when everybody has had
    it.
    """
    require(actor, "adjudicate")
    desk = _Desk(store, project, question, item_id, actor, now, new_id(), seen)
    if not comment.strip():
        raise AnnotateError("an item is sent back with a comment: say what to look at")
    with store.transaction():
        return desk.add("sent_back", {"comment": comment, "sent_to": to})


def take_back(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    item_id: str | None = None,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
    seen: str | None = None,
) -> Adjudication:
    """What stands of an item is taken back, and what stood before stands again.

    item_id: None is the item of the actor's own newest decision. seen: as for `decide`. Answers
    that were given to what was sent back stay. Raises NotAllowed, NothingToDo, and Conflict when
    somebody else has decided since.
    """
    require(actor, "adjudicate")
    adjudication_id = new_id()
    with store.transaction():
        known = store.adjudications.get(adjudication_id)
        if known is not None and (known.kind, known.person_id) == ("reopened", actor.id):
            return known
        target = _own_last(store, project, question, actor) if item_id is None else None
        about = item_id if target is None else target.item_id
        assert about is not None
        seen = seen if target is None else target.id
        desk = _Desk(store, project, question, about, actor, now, adjudication_id, seen)
        return desk.add("reopened", {})


def _own_last(
    store: Store, project: Project, question: QuestionSettings, actor: Person
) -> Adjudication:
    found = store.adjudications.last_of(project.project, question.name, actor.id)
    if found is None:
        raise NothingToDo(f"{actor.name} has decided nothing that could be taken back")
    return found


@dataclass(frozen=True, slots=True)
class _Desk:
    """One lead at one item's question, at one moment."""

    store: Store
    project: Project
    question: QuestionSettings
    item_id: str
    actor: Person
    now: datetime
    id: str
    seen: str | None
    item: Item = field(init=False)

    def __post_init__(self) -> None:
        found = self.store.items.get(self.item_id)
        if found is None or found.project != self.project.project:
            raise NotFound(f"project {self.project.project!r} has no item {self.item_id!r}")
        object.__setattr__(self, "item", found)

    def add(self, kind: Any, said: Mapping[str, Any]) -> Adjudication:
        """Append it, and open or close what is asked of people. Inside a transaction."""
        known = self.store.adjudications.get(self.id)
        if known is not None:
            return self._again(known, kind, said)
        stood = self._stood()
        if kind == "reopened" and stood is None:
            raise NothingToDo(f"nothing is decided about item {self.item_id!r}")
        made = self._made(kind, said, None if stood is None else stood.id)
        if stood is not None and stood.kind == "sent_back":
            ask_no_more(self.store, stood)
        if kind == "sent_back":
            ask_again(self.store, made, now=self.now)
        self.store.adjudications.add(made)
        if not measures(self.store, made.project, made.question, made.item_id):
            seat = Seat(self.store, self.project, self.actor, self.now)
            reconsider(seat, self.item_id, [self.question.name])
        return made

    def _again(self, known: Adjudication, kind: str, said: Mapping[str, Any]) -> Adjudication:
        same = (known.person_id, known.item_id, known.question, known.kind, known.value)
        asked = (self.actor.id, self.item_id, self.question.name, kind, said.get("value"))
        if same != asked:
            raise Conflict(f"the id {self.id!r} is that of another decision: reload the page")
        return known

    def _stood(self) -> Adjudication | None:
        """What stands now. Raises Conflict when it is not what the lead saw, or all is frozen."""
        state = opening(self.store, self.project)
        if state is not None and state.state == "frozen":
            raise Conflict(
                f"project {self.project.project!r} is frozen, so its answers stand as they are: "
                "open it again first"
            )
        stood = self.store.adjudications.standing(self.item_id, self.question.name)
        now = NOTHING_STOOD if stood is None else stood.id
        if self.seen not in (None, now):
            who = "somebody" if stood is None else self._name(stood.person_id)
            raise Conflict(
                f"{who} has decided otherwise about this item since you looked: look at it again"
            )
        return stood

    def _name(self, person_id: str) -> str:
        found = self.store.people.get(person_id)
        return person_id if found is None else found.name

    def _made(self, kind: Any, said: Mapping[str, Any], supersedes: str | None) -> Adjudication:
        return Adjudication(
            id=self.id,
            project=self.project.project,
            item_id=self.item_id,
            question=self.question.name,
            number=self.store.adjudications.next_number(self.item_id, self.question.name),
            kind=kind,
            value=said.get("value"),
            comment=_comment(said.get("comment")),
            guideline_version=self.store.projects.newest(self.project.project),
            person_id=self.actor.id,
            sent_to=said.get("sent_to"),
            created_at=iso(self.now),
            supersedes=supersedes,
        )


def _comment(given: str | None) -> str | None:
    comment = (given or "").strip()
    if len(comment) > LONGEST_COMMENT:
        raise AnnotateError(
            f"a comment has at most {LONGEST_COMMENT:,} characters, not {len(comment):,}: "
            "shorten it"
        )
    return comment or None


def _accepted(desk: _Desk, value: object) -> Value:
    """The value in the question's form. What somebody has answered may be decided as it is, though
    the draft that it was made from is another one by now. Raises InvalidValue."""
    store, question = desk.store, desk.question
    parsed = QUESTION_TYPES[question.type].parse(question, value)
    given = store.annotations.values(desk.item_id, question.name)
    if parsed in still_offered(question, given):
        return parsed
    draft = _draft(desk)
    try:
        return accept(question, parsed, desk.item.fields, draft=draft)
    except InvalidValue:
        if draft is None:
            raise
        return accept(question, parsed, desk.item.fields)


def _draft(desk: _Desk) -> str | None:
    """The model's text, for a question that edits it."""
    if getattr(desk.question, "draft", None) != MODEL:
        return None
    made = desk.store.decisions.of_items(desk.question.name, [desk.item_id])
    labels = still_offered(desk.question, [one.label for one in made])
    return next((str(label["text"]) for label in labels), None)
