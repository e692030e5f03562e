"""A task as the browser gets it: an item, its open questions, and nothing it must not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotate.hashing import digest
from annotate.model import Assignment, Item
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.workflow.seat import Seat, attempts


def tasks(seat: Seat, item_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The tasks of these items in this order, as JSON; an item that is not in hand is left out."""
    items = seat.store.items.several(item_ids)
    slots = seat.store.leases.of_items(seat.actor.id, item_ids)
    drafts = seat.store.drafts.of_items(seat.actor.id, item_ids)
    said = seat.store.annotations.by_person(item_ids, seat.actor.id)
    made = []
    for item_id in item_ids:
        leased = [slot for slot in slots.get(item_id, []) if slot.state == "leased"]
        own = [one for one in said if one.item_id == item_id]
        if leased:
            task = _task(seat, items[item_id], leased, attempts(own))
            made.append(task | ({"draft": drafts[item_id]} if item_id in drafts else {}))
    return made


def _task(seat: Seat, item: Item, slots: Sequence[Assignment], attempt: int) -> dict[str, Any]:
    names = {slot.question for slot in slots}
    questions = [one for one in seat.project.questions if one.name in names]
    return {
        "id": item.id,
        "attempt": attempt,
        "key": own_key(item),
        "fields": fields(seat.project, item),
        "questions": [spec(question) for question in questions],
        "order": orders(seat, item, questions),
        "mode": "blind",
    }


def own_key(item: Item) -> str:
    """The user's own id of an item, else the beginning of ours."""
    return item.key.removeprefix("id:") if item.key.startswith("id:") else item.id[:12]


def fields(project: Project, item: Item) -> list[dict[str, Any]]:
    """The item's fields, ready to be drawn."""
    return [
        {"name": name, "kind": "text", "text": item.fields.get(name, "")} for name in project.fields
    ]


def spec(question: QuestionSettings) -> dict[str, Any]:
    """A question as the browser draws it."""
    control = QUESTION_TYPES[question.type].control(question)
    options = [
        {"value": one.value, "title": one.title, "description": one.description}
        for one in control.options
    ]
    return {
        "name": question.name,
        "type": question.type,
        "text": question.text,
        "options": options,
        "responses": list(control.responses),
    }


def orders(seat: Seat, item: Item, questions: Sequence[QuestionSettings]) -> dict[str, list[str]]:
    """question -> the letters of its responses, in the order this person sees them.

    Drawn from item, question, person and seed: the same whenever it is asked for.
    """
    return {
        question.name: _shuffled(seat, item.id, question.name, letters)
        for question in questions
        if (letters := _letters(question))
    }


def _letters(question: QuestionSettings) -> list[str]:
    control = QUESTION_TYPES[question.type].control(question)
    return [option.value for option in control.options[: len(control.responses)]]


def _shuffled(seat: Seat, item_id: str, question: str, letters: Sequence[str]) -> list[str]:
    seed = seat.project.routing.seed
    return sorted(
        letters, key=lambda one: digest(seed, "order", item_id, question, seat.actor.id, one)
    )


Task = Mapping[str, Any]
