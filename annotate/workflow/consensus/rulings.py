"""What somebody has decided about an item, over what people and machine said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from annotate.model import Value
from annotate.project import Project
from annotate.questions import QuestionSettings, still_offered
from annotate.store import Store


@dataclass(frozen=True, slots=True)
class Ruling:
    """adjudicated: `value` is right. ambiguous: nothing is, and `value` is None."""

    kind: Literal["adjudicated", "ambiguous"]
    value: Value


def rulings(store: Store, project: Project, question: QuestionSettings) -> dict[str, Ruling]:
    """item id -> what is in force about it; without values that the question offers no more."""
    found = {}
    for item_id, one in store.adjudications.in_force(project.project, question.name).items():
        if one.kind == "ambiguous":
            found[item_id] = Ruling("ambiguous", None)
        elif one.kind == "decided":
            for value in still_offered(question, [one.value]):
                found[item_id] = Ruling("adjudicated", value)
    return found
