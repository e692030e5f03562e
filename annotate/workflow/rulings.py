"""What somebody has decided about an item, over what people and machine said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from annotate.model import Value
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store


@dataclass(frozen=True, slots=True)
class Ruling:
    """adjudicated: `value` is right. ambiguous: nothing is, and `value` is None."""

    kind: Literal["adjudicated", "ambiguous"]
    value: Value


def rulings(store: Store, project: Project, question: QuestionSettings) -> dict[str, Ruling]:
    """item id -> what is in force about it."""
    return {}
