"""Several answers at once: read in order, since what is asked may depend on what was said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from annotate.errors import InvalidValue
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.workflow.seat import Turned


@dataclass(frozen=True, slots=True)
class Read:
    """question -> value for what is asked; and the questions these answers make moot."""

    values: Mapping[str, Value]
    moot: tuple[str, ...] = ()


def read_answers(
    project: Project,
    open_questions: Collection[str],
    given: Mapping[str, object],
    earlier: Mapping[str, Value],
) -> Read:
    """The answers to all `open_questions`, each in its type's form.

    earlier: what is known of the other questions. Raises Turned when an answer is missing, in the
    wrong form, or to a question that is not asked.
    """
    given = {name: value for name, value in given.items() if value is not None}
    known, values, moot = dict(earlier), {}, []
    for question in project.questions:
        if question.name not in open_questions:
            continue
        if not asked(question, known):
            moot.append(question.name)
            known.pop(question.name, None)
        elif question.name not in given:
            raise Turned("refused", "no_answer", name=question.name)
        else:
            values[question.name] = known[question.name] = parse(question, given[question.name])
    _check_names(open_questions, moot, given)
    return Read(values, tuple(moot))


def asked(question: QuestionSettings, known: Mapping[str, Value]) -> bool:
    """Whether a question is asked after these answers. A condition on what nobody knows holds."""
    return True


def parse(question: QuestionSettings, value: object) -> Value:
    """The value in its type's form. Raises Turned."""
    try:
        return QUESTION_TYPES[question.type].parse(question, value)
    except InvalidValue as error:
        raise Turned("refused", "invalid", problem=str(error)) from error


def _check_names(
    open_questions: Collection[str], moot: Collection[str], given: Mapping[str, object]
) -> None:
    for name in given:
        if name in moot:
            raise Turned("refused", "moot", name=name)
        if name not in open_questions:
            names = ", ".join(sorted(open_questions))
            raise Turned("refused", "unknown_question", name=name, names=names)
