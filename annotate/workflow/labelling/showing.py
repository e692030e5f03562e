"""A task as the browser gets it: an item, its open questions, and nothing it must not show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from annotate.fields import nodes
from annotate.hashing import digest
from annotate.model import Annotation, Item
from annotate.questions import QUESTION_TYPES
from annotate.store.queue.checks import Check
from annotate.workflow.labelling import checking
from annotate.workflow.labelling.answers import Asking, elsewhere
from annotate.workflow.labelling.exposing import View, views
from annotate.workflow.labelling.seat import Seat, attempts
from annotate.workflow.labelling.sending_back import lead_notes


def tasks(seat: Seat, item_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The tasks of these items in this order, as JSON; an item that is not in hand is left out."""
    if not item_ids:  # most exchanges: the browser holds enough
        return []
    slots = seat.store.leases.of_items(seat.actor.id, item_ids)
    names = {
        item_id: [
            slot.question
            for slot in slots.get(item_id, [])
            if slot.state == "leased" and slot.question in seat.questions
        ]
        for item_id in item_ids
    }
    drafts = seat.store.drafts.of_items(seat.actor.id, item_ids)
    notes = lead_notes(seat, names)
    made = []
    for task in described(seat, names):
        beside = {"draft": drafts.get(task["id"]), "lead_note": notes.get(task["id"])}
        made.append(task | {key: said for key, said in beside.items() if said is not None})
    return made


def described(seat: Seat, names: Mapping[str, Collection[str]]) -> list[dict[str, Any]]:
    """A task for each item and the questions named for it; all questions for a check in hand.

    An item without questions, and no check, is left out.
    """
    item_ids = list(names)
    items, seen = seat.store.items.several(item_ids), views(seat, item_ids)
    checks = seat.store.checks.of_items(seat.actor.id, item_ids)
    said: dict[str, list[Annotation]] = {}
    for one in seat.store.annotations.by_person(item_ids, seat.actor.id):
        said.setdefault(one.item_id, []).append(one)
    made = []
    for item_id, open_ in names.items():
        check = None if open_ else checks.get(item_id)  # work goes before a re-ask
        if check is not None:
            open_ = checking.asked(seat, check)
        if open_:
            own = said.get(item_id, [])
            made.append(_task(seat, items[item_id], open_, seen[item_id], own, check))
    return made


def _task(
    seat: Seat,
    item: Item,
    names: Collection[str],
    view: View,
    said: Sequence[Annotation],
    check: Check | None,
) -> dict[str, Any]:
    known = elsewhere(seat, item.id, names, said)
    possible = Asking(seat.project, names, item.fields, known).possible()
    task = {
        "id": item.id,
        "attempt": attempts(said) if check is None else check.attempt,
        "key": own_key(item),
        "fields": nodes(seat.project, item),
        "questions": [_spec(question, names) for question in possible],
        "order": orders(seat, item.id, [question.name for question in possible]),
        "mode": view.mode,
    }
    suggestion = {n: v for n, v in view.suggestion().items() if n in names}
    if suggestion:
        task["suggestion"] = suggestion
    if check is not None and check.purpose == "training":
        task |= {"mode": "blind", "training": True}
    if check is not None and (check.purpose == "training" or view.mode == "suggest"):
        task["mode"] = "blind"
        task.pop("suggestion", None)
    return task


def own_key(item: Item) -> str:
    """The user's own id of an item, else the beginning of ours."""
    return item.key.removeprefix("id:") if item.key.startswith("id:") else item.id[:12]


def _spec(question: Any, names: Collection[str]) -> dict[str, Any]:
    """A question as the browser draws it; a condition on what is asked elsewhere is met."""
    spec: dict[str, Any] = QUESTION_TYPES[question.type].control(question).as_json()
    if question.when is not None and question.when.question not in names:
        spec.pop("when", None)
    return spec


def orders(seat: Seat, item_id: str, names: Collection[str]) -> dict[str, list[str]]:
    """question -> the letters of its responses, in the order this person sees them.

    Drawn from item, question, person and seed: the same whenever it is asked for. Questions about
    the same responses share one order: "Response 1" is one text on one screen.
    """
    found: dict[str, list[str]] = {}
    first: dict[tuple[str, ...], str] = {}
    for question in seat.project.questions:
        control = QUESTION_TYPES[question.type].control(question)
        letters = [option.value for option in control.options[: len(control.responses)]]
        drawn_for = first.setdefault(control.responses, question.name)
        if letters and question.name in names:
            seed, who = seat.project.routing.seed, seat.actor.id
            drawn = {one: digest(seed, "order", item_id, drawn_for, who, one) for one in letters}
            found[question.name] = sorted(letters, key=drawn.__getitem__)
    return found
