"""Vote distributions as ms-swift's decision models learn them: `target_probs` of a question."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import unlike, unreadable
from annotate.exporters.protocol import Record
from annotate.exporters.refusals import OTHER_COLUMNS
from annotate.training.protocol import Made, Spread

COLUMNS = ("state", "questions")
_COLUMNS = frozenset(COLUMNS)
_KEYS = frozenset({"kind", "question", "options", "target_probs"})

NO_OPTIONS = "there are not two or more options, each another text"
NO_CHANCES = "the probabilities are not one for each option, 0 to 1, that sum to 1"


def record(made: Made) -> Record:
    """Always a `choice`: for its other kinds the trainer puts options of its own in their place."""
    assert isinstance(made, Spread)
    asked = {
        "kind": "choice",
        "question": made.question,
        "options": list(made.options),
        "target_probs": list(made.probabilities),
    }
    return {"state": made.state, "questions": [asked]}


def check(found: Mapping[str, object]) -> str | None:
    why = unlike(found, _COLUMNS) or unreadable(found["state"])
    if why is not None:
        return why
    questions = found["questions"]
    if not isinstance(questions, list) or not questions:
        return "nothing is asked"
    return next(filter(None, map(_question, questions)), None)


def _question(asked: Any) -> str | None:
    if not isinstance(asked, dict) or asked.keys() != _KEYS or asked["kind"] != "choice":
        return OTHER_COLUMNS
    options, chances = asked["options"], asked["target_probs"]
    if not isinstance(options, list) or len(options) < 2 or any(map(unreadable, options)):
        return NO_OPTIONS
    if len(set(options)) < len(options):
        return NO_OPTIONS
    if not isinstance(chances, list) or len(chances) != len(options) or not _sums_to_one(chances):
        return NO_CHANCES
    return unreadable(asked["question"])


def _sums_to_one(chances: list[object]) -> bool:
    numbers = [one for one in chances if isinstance(one, float) and isfinite(one) and one >= 0]
    return len(numbers) == len(chances) and abs(sum(numbers) - 1) < 1e-6


DIALECTS.add(
    "swift_decision",
    Dialect(
        "how the votes are spread over the labels, for models that decide",
        material="spreads",
        columns=lambda project: COLUMNS,
        record=record,
        votes=True,
        check=check,
        forms=("jsonl", "json"),
        read_by=("ms-swift, task_type decision (JEV)",),
        note="The model learns the votes as they are, doubt and all, and not the label alone.",
    ),
)
