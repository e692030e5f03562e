"""A case as the browser gets it: the item, the answers that may be chosen, and who gave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from annotate.fields import nodes
from annotate.hashing import digest
from annotate.model import Adjudication, Item, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.questions.wording import NOTHING
from annotate.questions.wording import in_words as machine_words
from annotate.store.rows import to_json
from annotate.workflow.decisions.cases import Case
from annotate.workflow.labelling.exposing import in_words
from annotate.workflow.labelling.showing import own_key

FEW = 9
"""Labels up to which all stand in the project's order: each has a digit."""


def as_json(project: Project, question: QuestionSettings, case: Case) -> dict[str, Any]:
    """Names are told too: hiding them is a courtesy to the lead, who may know them.

    `choices`: the answers to choose from, each `{value, words, by, votes}` and more: by, numbers of
    `answers` that say it; votes, how many of the machine's do; `delivered`, it goes out otherwise;
    `middle`, it is made of the others. `standing`: id of what is decided, "" for nothing.
    """
    item = case.item
    # else the same letter would always be the same person, who answers first every day
    shuffled = sorted(case.answers, key=lambda one: digest(item.id, one.person_id))
    case = replace(case, answers=tuple(shuffled))
    return {
        "id": item.id,
        "key": own_key(item),
        "fields": nodes(project, item),
        "choices": list(_choices(question, case)),
        "answers": [_answer(question, item, one) for one in case.answers],
        "model": _model(question, case),
        "consensus": _consensus(question, case),
        "flags": [
            {"name": name, "comment": one.comment, "at": one.created_at} for one, name in case.flags
        ],
        "earlier": [_earlier(question, case, one, name) for one, name in case.earlier],
        "standing": "" if case.standing is None else case.standing.id,
        "measures": case.measures,
        "after": case.after,
    }


def question_as_json(question: QuestionSettings) -> dict[str, Any]:
    """What is asked, in words."""
    return {"name": question.name, "text": question.text, "help": question.help}


def said(question: QuestionSettings, item: Item, value: Value) -> str:
    """A value of this item as a lead reads it: what is marked, and which response is meant.

    "" for none; a value that is offered no more is told as it is stored.
    """
    if value is None:
        return ""
    maker = _SAID.get(question.type)
    if maker is None or not still_offered(question, [value]):
        return in_words(question, value)
    return str(maker(question, item, value))


# ---- parts


def _choices(question: QuestionSettings, case: Case) -> Iterator[dict[str, Any]]:
    control = QUESTION_TYPES[question.type].control(question)
    meant = {option.value: option.description for option in control.options}
    label = None if case.decision is None else case.decision.label
    for value in _values(question, case):
        own = [at for at, one in enumerate(case.answers) if one.value == value and not one.skipped]
        choice = {
            "value": value,
            "words": said(question, case.item, value),
            "by": own,
            "votes": case.machine.votes.get(machine_words(question, value), 0),
        }
        if isinstance(value, str) and meant.get(value):
            choice["meant"] = meant[value]
        if value == label:
            choice["delivered"] = True
        if value == case.middle:
            choice["middle"] = True
        yield choice


def _values(question: QuestionSettings, case: Case) -> list[Value]:
    """What may be chosen, each once: the labels, or what was answered, by people first."""
    given = [one.value for one in case.answers if not one.skipped]
    given.sort(key=lambda value: -given.count(value))
    label = None if case.decision is None else case.decision.label
    others = [value for value in (label, case.middle) if value is not None]
    classes = list(QUESTION_TYPES[question.type].classes(question))
    ordered = classes if 0 < len(classes) <= FEW else [*given, *others, *classes]
    found: dict[str, Value] = {}
    for value in still_offered(question, ordered):
        found.setdefault(to_json(value), value)
    return list(found.values())


def _answer(question: QuestionSettings, item: Item, one: Any) -> dict[str, Any]:
    made = {
        "person": one.person_id,
        "name": one.name,
        "words": said(question, item, one.value),
        "skipped": one.skipped,
        "note": one.note,
        "seconds": one.seconds,
        "at": one.at,
        "saw": one.saw_machine,
    }
    return made | ({"second": said(question, item, one.second)} if one.second is not None else {})


def _model(question: QuestionSettings, case: Case) -> dict[str, Any]:
    """Empty where the machine was never asked."""
    decision, machine = case.decision, case.machine
    asked = sum(machine.outcomes.values())
    made: dict[str, Any] = {}
    if asked:
        made = {"asked": asked, "votes": [[words, n] for words, n in machine.votes.items()]}
    if decision is not None:
        made |= {
            "label": said(question, case.item, decision.label),
            "reason": decision.reason,
            "destination": decision.destination,
        }
    return made


def _consensus(question: QuestionSettings, case: Case) -> dict[str, Any] | None:
    row = case.consensus
    if row is None or row.value is None:
        return None
    return {
        "words": said(question, case.item, row.value),
        "probability": row.probability,
        "people": row.people,
    }


def _earlier(
    question: QuestionSettings, case: Case, one: Adjudication, name: str
) -> dict[str, Any]:
    names = {answer.person_id: answer.name for answer in case.answers}
    return {
        "id": one.id,
        "kind": one.kind,
        "words": said(question, case.item, one.value),
        "comment": one.comment,
        "name": name,
        "to": names.get(one.sent_to or ""),
        "at": one.created_at,
        "stands": one == case.standing,
    }


# ---- words of values that are about the item's text


def _spans(question: Any, item: Item, value: Any) -> str:
    text = item.fields.get(question.field, "")
    marked = (f"{one['label']}: {text[one['start'] : one['end']]}" for one in value)
    return "\n".join(marked) or NOTHING


def _preference(question: Any, item: Item, value: Any) -> str:
    choice = question.choice_of(value)
    named = {letter: name for letter, name in _letters(question).items() if letter == choice}
    words = in_words(question, value)
    return f"{words} · {named[choice]}" if choice in named else words


def _ranking(question: Any, item: Item, value: Any) -> str:
    named = _letters(question)
    return " > ".join(named.get(letter, letter) for letter in value)


def _letters(question: Any) -> Mapping[str, str]:
    control = QUESTION_TYPES[question.type].control(question)
    return {
        option.value: name for option, name in zip(control.options, control.responses, strict=False)
    }


def _text(question: Any, item: Item, value: Any) -> str:
    return machine_words(question, value)


def _rating(question: Any, item: Item, value: Any) -> str:
    return machine_words(question, value)


_SAID = {
    "spans": _spans,
    "preference": _preference,
    "ranking": _ranking,
    "text": _text,
    "rating": _rating,
}
