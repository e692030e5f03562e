"""One exchange with a lead's browser: decisions go in, and what became of each comes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from annotate.errors import AnnotateError, Busy, Conflict, NotAllowed, NotFound
from annotate.model import Adjudication, Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.decisions.adjudicating import decide, mark_ambiguous, send_back, take_back
from annotate.workflow.decisions.case_json import as_json, question_as_json
from annotate.workflow.decisions.cases import case_of, count_waiting, queue
from annotate.workflow.labelling.requests import Id, Malformed

Comment = Annotated[str, Field(max_length=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Op(_Part):
    """id: of the decision, made by the browser: the same id is the same decision."""

    id: Id
    question: Name
    item: Id
    comment: Comment | None = None
    seen: str | None = None


class Decide(_Op):
    op: Literal["decide"] = "decide"
    value: JsonValue


class MarkAmbiguous(_Op):
    op: Literal["ambiguous"] = "ambiguous"


class SendBack(_Op):
    op: Literal["send_back"] = "send_back"
    to: Id | None = None


class TakeBack(_Part):
    """item: None is that of one's own last decision."""

    op: Literal["take_back"] = "take_back"
    id: Id
    question: Name
    item: Id | None = None
    seen: str | None = None


Op = Annotated[Decide | MarkAmbiguous | SendBack | TakeBack, Field(discriminator="op")]


class DecisionsRequest(_Part):
    """Decisions in the order in which they were made; the other keys are those of every desk."""

    request: Id
    ops: list[Op] = Field(default_factory=list, max_length=100)
    holding: list[Id] = Field(default_factory=list, max_length=500)
    want: int = Field(default=0, ge=0)
    language: Literal["en", "zh"] = "en"


def settle_decisions(
    store: Store, project: Project, sent: Mapping[str, Any], *, actor: Person, now: datetime
) -> dict[str, Any]:
    """`{results: [{id, status, item?, kind?, message?}]}` as JSON, for each operation in order.

    Each is stored by itself, once, however often it is sent. status `refused`: it cannot be done
    as it is, and the message says why. Raises NotAllowed, Malformed, and Busy, which stores what
    came before and nothing after: it is sent again.
    """
    require(actor, "adjudicate")
    try:
        request = DecisionsRequest.model_validate(sent)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the request"
        raise Malformed(f"{where}: {first['msg']}") from None
    return {"results": [_settled(store, project, op, actor, now) for op in request.ops]}


def read_cases(
    store: Store,
    project: Project,
    question: str,
    *,
    actor: Person,
    now: datetime,
    item: str | None = None,
    after: str | None = None,
    limit: int = 20,
) -> dict[str, Any]:
    """`{question, waiting, cases}` as JSON: the queue, or one item, decided or not.

    Raises NotAllowed, and NotFound for a question or an item that is not there.
    """
    require(actor, "adjudicate")
    asked = question_named(project, question)
    if item is None:
        if after is None:  # further ones come in the order of then
            ensure_fresh(store, project, asked, actor=actor, now=now)
        found = queue(store, project, asked, actor=actor, limit=limit, after=after)
    else:
        found = [case_of(store, project, asked, item, actor=actor)]
    return {
        "question": question_as_json(asked),
        "waiting": count_waiting(store, project, asked, actor=actor),
        "cases": [as_json(project, asked, case) for case in found],
    }


def question_named(project: Project, name: str) -> QuestionSettings:
    """Raises NotFound, naming those there are."""
    for question in project.questions:
        if question.name == name:
            return question
    names = ", ".join(question.name for question in project.questions)
    raise NotFound(f"no question {name!r} in {project.project!r}; there are: {names}")


def _settled(
    store: Store, project: Project, op: Any, actor: Person, now: datetime
) -> dict[str, Any]:
    try:
        with store.transaction(), store.attempt():
            made = _done(store, project, op, actor, now)
    except (NotAllowed, Busy):
        raise
    except AnnotateError as error:
        status = "conflict" if isinstance(error, Conflict) else "refused"
        return {"id": op.id, "status": status, "message": str(error)}
    return {"id": op.id, "status": "stored", "item": made.item_id, "kind": made.kind}


def _done(store: Store, project: Project, op: Any, actor: Person, now: datetime) -> Adjudication:
    question = question_named(project, op.question)
    how: dict[str, Any] = {
        "actor": actor,
        "now": now,
        "new_id": lambda: op.id,
        "seen": op.seen,
    }
    if isinstance(op, Decide):
        return decide(store, project, question, op.item, op.value, comment=op.comment, **how)
    if isinstance(op, MarkAmbiguous):
        return mark_ambiguous(store, project, question, op.item, comment=op.comment, **how)
    if isinstance(op, SendBack):
        return send_back(store, project, question, op.item, op.comment or "", to=op.to, **how)
    return take_back(store, project, question, item_id=op.item, **how)
