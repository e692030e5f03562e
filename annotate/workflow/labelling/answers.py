"""Several answers at once: read in order, since what is asked may depend on what was said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from annotate.errors import InvalidValue
from annotate.model import Annotation, Value
from annotate.project import Project
from annotate.questions import QuestionSettings, accept, asked_of
from annotate.workflow.labelling.seat import Seat, Turned


@dataclass(frozen=True, slots=True)
class Asking:
    """The open questions of a task. elsewhere: answers to questions that are not open here.

    drafts: texts of the machine that are shown to be edited.
    """

    project: Project
    names: Collection[str]
    fields: Mapping[str, str]
    elsewhere: Mapping[str, Value] = field(default_factory=dict)
    drafts: Mapping[str, str] = field(default_factory=dict)

    def possible(self) -> list[QuestionSettings]:
        """The open questions that are asked, or may be after answers to other open ones."""
        found, may = [], set(self.elsewhere)
        met = {one.name for one in asked_of(self.project.questions, self.elsewhere)}
        for question in self.project.questions:
            when = question.when
            waits = when is not None and when.question in self.names and when.question in may
            if question.name in self.names and (waits or question.name in met):
                found.append(question)
                may.add(question.name)
        return found


@dataclass(frozen=True, slots=True)
class Read:
    """question -> value for what is asked; and the questions these answers make moot."""

    values: Mapping[str, Value]
    moot: tuple[str, ...] = ()


def read_answers(asking: Asking, given: Mapping[str, object]) -> Read:
    """The answers to all open questions, each in its type's form.

    Raises Turned when an answer is missing, in the wrong form, or to a question that is not asked.
    """
    given = {name: value for name, value in given.items() if value is not None}
    unknown = [name for name in given if name not in asking.names]
    if unknown:
        names = ", ".join(sorted(asking.names))
        raise Turned("refused", "unknown_question", name=unknown[0], names=names)
    said: dict[str, Value] = {**asking.elsewhere, **given}
    asked = {question.name for question in asked_of(asking.project.questions, said)}
    values: dict[str, Value] = {}
    for question in asking.project.questions:
        if question.name in asking.names and question.name in asked:
            values[question.name] = _one(asking, question, given)
    for name in given:
        if name not in values:
            raise Turned("refused", "moot", name=name)
    return Read(values, tuple(name for name in asking.names if name not in values))


def _one(asking: Asking, question: QuestionSettings, given: Mapping[str, object]) -> Value:
    if question.name not in given:
        raise Turned("refused", "no_answer", name=question.name)
    try:
        draft = asking.drafts.get(question.name)
        return accept(question, given[question.name], asking.fields, draft=draft)
    except InvalidValue as error:
        raise Turned("refused", "invalid", problem=str(error)) from error


def elsewhere(
    seat: Seat, item_id: str, names: Collection[str], said: Iterable[Annotation]
) -> dict[str, Value]:
    """What is known of the questions that open ones wait for and that are not open themselves.

    What this person has said of them goes first, then the label that is delivered. said: all that
    this person ever said.
    """
    waited = {one.when.question for one in seat.project.questions if one.when is not None}
    missing = waited - set(names)
    if not missing:
        return {}
    known = {one.question: one.value for one in said if _counts(one, item_id, missing)}
    for name in sorted(missing - known.keys()):
        for decision in seat.store.decisions.of_items(name, [item_id]):
            if decision.label is not None:
                known[name] = decision.label
    return known


def _counts(one: Annotation, item_id: str, names: Collection[str]) -> bool:
    own = one.item_id == item_id and one.question in names
    return own and one.kind == "answer" and one.undone_at is None
