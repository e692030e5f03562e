"""Decide what people differ on: the queue, one item, and a lead's word on it."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from annotate.errors import AnnotateError
from annotate.model import Adjudication, Person
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.decisions.adjudicating import decide, mark_ambiguous, send_back, take_back
from annotate.workflow.decisions.case_json import said
from annotate.workflow.decisions.cases import Case, case_of, count_waiting, queue
from annotate.workflow.decisions.requests import question_named
from annotate.workflow.labelling.showing import own_key
from app.cli.output import say, table
from app.workplace import workplace_for

_TOLD = {
    "decided": "is decided: {value}",
    "ambiguous": "is marked as ambiguous",
    "sent_back": "goes back to people",
    "reopened": "is as it was before",
}


def run_decide(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        question = _question(project, arguments.question)
        actor, now = operator(services.now()), services.now()
        if arguments.item is None:
            _check_alone(arguments)
            ensure_fresh(store, project, question, actor=actor, now=now)
            _say_queue(store, project, question, actor, arguments.limit)
            return
        case = case_of(store, project, question, arguments.item, actor=actor)
        how: dict[str, Any] = {"actor": actor, "now": now, "new_id": services.new_id}
        made = _decided(store, project, question, case, arguments, how)
    if made is None:
        _say_case(question, case)
        return
    words = _TOLD[made.kind].format(value=said(question, case.item, made.value))
    say(f"item {own_key(case.item)} {words}")


def _question(project: Project, name: str | None) -> QuestionSettings:
    if name is None and len(project.questions) > 1:
        names = ", ".join(question.name for question in project.questions)
        raise AnnotateError(f"{project.project!r} asks {names}: choose one with --question")
    return question_named(project, name or project.questions[0].name)


def _check_alone(arguments: Namespace) -> None:
    given = (arguments.value, arguments.comment, arguments.to)
    asked = arguments.ambiguous or arguments.send_back or arguments.take_back
    if asked or any(one is not None for one in given):
        raise AnnotateError("name the item that is meant with --item ID")


def _decided(
    store: Store,
    project: Project,
    question: QuestionSettings,
    case: Case,
    arguments: Namespace,
    how: dict[str, Any],
) -> Adjudication | None:
    """None where nothing is to be decided."""
    item_id, comment = case.item.id, arguments.comment
    if arguments.value is not None:
        value = _value(question, arguments.value)
        return decide(store, project, question, item_id, value, comment=comment, **how)
    if arguments.ambiguous:
        return mark_ambiguous(store, project, question, item_id, comment=comment, **how)
    if arguments.send_back:
        to = _person(store, arguments.to)
        return send_back(store, project, question, item_id, comment or "", to=to, **how)
    if arguments.take_back:
        return take_back(store, project, question, item_id=item_id, **how)
    return None


def _value(question: QuestionSettings, text: str) -> object:
    """A label as it is; JSON where answers are no labels."""
    if text in QUESTION_TYPES[question.type].classes(question):
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


def _person(store: Store, name: str | None) -> str | None:
    if name is None:
        return None
    found: Person | None = store.people.named(name)
    if found is None:
        names = ", ".join(person.name for person in store.people.all())
        raise AnnotateError(f"nobody here is called {name!r}; there are: {names}")
    return found.id


def _say_queue(
    store: Store, project: Project, question: QuestionSettings, actor: Person, limit: int
) -> None:
    count = count_waiting(store, project, question, actor=actor)
    if not count:
        say(f"{question.name}: people differ on nothing that is not decided")
        return
    found = queue(store, project, question, actor=actor, limit=limit)
    shown = f", the first {len(found)}" if len(found) < count else ""
    say(f"{question.name}: {count:,} item{'' if count == 1 else 's'} to decide{shown}")
    table(
        [
            {
                "item": own_key(case.item),
                "uncertain": f"{case.uncertainty:.2f}",
                "people": _people(question, case),
                "model": _line(_label(question, case)),
            }
            for case in found
        ]
    )


def _say_case(question: QuestionSettings, case: Case) -> None:
    for name, text in case.item.fields.items():
        say(f"{name}: {text}")
    say()
    for one in case.answers:
        words = "skipped" if one.skipped else _line(said(question, case.item, one.value))
        say(f"{one.name}: {words}" + (f" ({one.note})" if one.note else ""))
    say(f"model: {_line(_label(question, case)) or 'no label'}")
    if case.decision is not None:
        say(f"sent because: {case.decision.reason}")
    for flag, name in case.flags:
        say(f"flagged by {name}: {flag.comment}")
    for word, name in case.earlier:
        stands = ", stands" if word == case.standing else ""
        value = f" {_line(said(question, case.item, word.value))}" if word.value is not None else ""
        why = f": {word.comment}" if word.comment else ""
        say(f"{word.created_at[:16]} {word.kind}{value} by {name}{stands}{why}")


def _people(question: QuestionSettings, case: Case) -> str:
    given = [_line(said(question, case.item, one.value)) for one in case.answers if not one.skipped]
    return ", ".join(given)


def _label(question: QuestionSettings, case: Case) -> str:
    return "" if case.decision is None else said(question, case.item, case.decision.label)


def _line(words: str) -> str:
    return " / ".join(words.splitlines())
