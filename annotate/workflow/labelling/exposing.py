"""What a person may see of the machine's answer, when, and the record of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from annotate.hashing import digest
from annotate.model import Annotation, Decision, Value
from annotate.project import Project
from annotate.project.people_settings import Mode
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.questions.text import MODEL
from annotate.workflow.labelling.seat import Seat
from routing.draws import uniform

Arm = Literal["main", "other", "measuring"]
ARM_STREAM = 3
"""Its own draws: policies take streams 0 and 1 of a seed."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine says of one item and question. id: of the decision that says so."""

    id: str
    value: Value
    reason: str


@dataclass(frozen=True, slots=True)
class View:
    """How one person gets one item. said: question -> machine; empty where nothing may be told.

    arm: `measuring` is an item whose answer measures the machine, which nobody sees suggestions
    for and which takes no part in comparing the arms.
    """

    mode: Mode = "blind"
    arm: Arm = "main"
    said: Mapping[str, Machine] = field(default_factory=dict)

    def suggestion(self) -> dict[str, Value]:
        """question -> the machine's answer, to be shown at once."""
        if self.mode != "suggest":
            return {}
        return {name: machine.value for name, machine in self.said.items()}

    def drafts(self, project: Project) -> dict[str, str]:
        """question -> the machine's text, where it is shown to be edited."""
        shown = self.suggestion()
        edited = [one for one in project.questions if getattr(one, "draft", None) == MODEL]
        return {one.name: shown[one.name]["text"] for one in edited if one.name in shown}


def views(seat: Seat, item_ids: Sequence[str]) -> dict[str, View]:
    """How this person gets each of these items; the same whenever it is asked for.

    A project that is blind throughout is not asked what the machine said.
    """
    people = seat.project.people
    if people.mode == "blind" and people.other_arm is None:
        return dict.fromkeys(item_ids, View())
    decisions = {
        (one.item_id, question.name): one
        for question in seat.project.questions
        for one in seat.store.decisions.of_items(question.name, item_ids)
    }
    measuring = {item_id for (item_id, _), one in decisions.items() if one.destination == "audit"}
    measuring |= seat.store.audits.drawn_among(seat.name, item_ids)
    measuring |= seat.store.checks.known(item_ids).keys()
    return {
        item_id: View(*_mode(seat, item_id, item_id in measuring), _said(seat, item_id, decisions))
        for item_id in item_ids
    }


def _mode(seat: Seat, item_id: str, measuring: bool) -> tuple[Mode, Arm]:
    people, other = seat.project.people, seat.project.people.other_arm
    drawn = other is not None and _draw(seat, item_id) < other.share
    mode, arm = (other.mode, "other") if other is not None and drawn else (people.mode, "main")
    if measuring:
        return ("blind" if mode == "suggest" else mode), "measuring"
    return mode, "other" if arm == "other" else "main"


def _draw(seat: Seat, item_id: str) -> float:
    key = np.array([int(digest(item_id, seat.actor.id)[:16], 16)], dtype=np.uint64)
    return float(uniform(key, seed=seat.project.routing.seed, stream=ARM_STREAM)[0])


def _said(
    seat: Seat, item_id: str, decisions: Mapping[tuple[str, str], Decision]
) -> dict[str, Machine]:
    found = {}
    for question in seat.project.questions:
        decision = decisions.get((item_id, question.name))
        if decision is not None and still_offered(question, [decision.label]):
            found[question.name] = Machine(decision.id, decision.label, decision.reason)
    return found


# ---- the record


def exposure(
    view: View, question: str, order: Sequence[str] | None, said: Iterable[Annotation]
) -> dict[str, Any]:
    """What is stored with an answer to be given now.

    said: what this person said of the item before: once the machine's answer was revealed, every
    later answer was given with it in sight. shown: `never`, `before` or `after` the answer.
    """
    machine = view.said.get(question)
    record: dict[str, Any] = {"mode": view.mode, "arm": view.arm, "shown": "never"}
    if order:
        record["order"] = list(order)
    if machine is None:
        return record
    earlier = any(_saw(one, question) for one in said)
    record["said"] = machine.value
    if view.mode == "suggest" or earlier:
        record |= {"shown": "before", "prelabel": machine.id}
    elif view.mode == "reveal":
        record["shown"] = "after"
    return record | ({"again": True} if earlier else {})


def _saw(one: Annotation, question: str) -> bool:
    record = one.exposure or {}
    return one.question == question and record.get("shown") in ("before", "after")


def reveal(
    view: View, questions: Sequence[QuestionSettings], answered: Iterable[str]
) -> dict[str, Any]:
    """question -> the machine's answer and why the item was sent, for the reply to an answer."""
    if view.mode != "reveal":
        return {}
    named = {question.name: question for question in questions}
    return {
        name: {
            "value": view.said[name].value,
            "label_text": in_words(named[name], view.said[name].value),
            "reason": view.said[name].reason,
        }
        for name in answered
        if name in view.said
    }


def in_words(question: QuestionSettings, value: Value) -> str:
    """A value as a person reads it."""
    titles = {
        one.value: one.title for one in QUESTION_TYPES[question.type].control(question).options
    }
    if isinstance(value, str):
        return titles.get(value, value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(str(titles.get(one, one)) for one in value)
    if isinstance(value, Mapping) and "choice" in value:
        strength = f" ({value['strength']})" if "strength" in value else ""
        return titles.get(value["choice"], str(value["choice"])) + strength
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    return json.dumps(value, ensure_ascii=False)
