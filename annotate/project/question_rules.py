"""Rules about what is asked: of each question by its type, and of one question after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotate.project.broken import Broken
from annotate.project.explain import did_you_mean
from annotate.project.secret import shown
from annotate.project.settings import Project
from annotate.project.tree import KeyPath
from annotate.questions import QUESTION_TYPES


def broken_questions(project: Project) -> Iterator[Broken]:
    """Everything that is wrong with the questions although each key alone is well-formed."""
    names = [question.name for question in project.questions]
    for at, question in enumerate(project.questions):
        path: KeyPath = ("questions", at)
        if question.name in names[:at]:
            yield Broken((*path, "name"), f"{question.name!r} stands twice", "Rename one.")
        for mistake in QUESTION_TYPES[question.type].check(question, project.fields):
            yield Broken((*path, *mistake.at), mistake.rule, mistake.remedy, also=(("fields",),))
        yield from _when(project, at)


def _when(project: Project, at: int) -> Iterator[Broken]:
    when = project.questions[at].when
    if when is None:
        return
    path: KeyPath = ("questions", at, "when")
    also: tuple[KeyPath, ...] = (("questions",),)
    earlier = {question.name: question for question in project.questions[:at]}
    if when.question not in earlier:
        later = when.question in [question.name for question in project.questions]
        rule = f"{shown(when.question)} is {'not asked earlier' if later else 'no question'}"
        remedy = "Put this question behind it." if later else _known(when.question, earlier)
        yield Broken((*path, "question"), rule, remedy, also)
        return
    waited = earlier[when.question]
    possible = QUESTION_TYPES[waited.type].said(waited)
    if not possible:
        rule = f"{shown(waited.name)} cannot be waited for: it is a {waited.type}"
        if waited.type == "rating":
            rule += " of several aspects"
        yield Broken((*path, "question"), rule, "Name a question with single answers.", also)
        return
    for value in when.values:
        if value not in possible:
            rule = f"{shown(value)} is no answer to question {shown(waited.name)}"
            remedy = did_you_mean(str(value), map(str, possible))
            yield Broken((*path, "is"), rule, remedy, also)


def _known(name: str, earlier: Mapping[str, object]) -> str:
    return did_you_mean(name, earlier) if earlier else "Remove `when`: the first question has none."
