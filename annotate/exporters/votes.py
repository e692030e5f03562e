"""The labelled set, long: one row for each vote of a person or of the model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.labels import field_columns
from annotate.exporters.protocol import Answer, Dropped, Record
from annotate.model import Prelabel
from annotate.project import Project
from annotate.training.protocol import Made, Vote

OURS = (
    "question", "by", "voter", "vote", "outcome", "confidence", "blind", "exposure", "second",
    "note", "variant", "sample", "prompt", "prompt_hash", "seconds", "at",
)  # fmt: skip
RESERVED = ("id", *OURS, "meta")


def columns(project: Project) -> tuple[str, ...]:
    """id, the item's fields, then who said what of it, and how."""
    return ("id", *field_columns(project.fields, RESERVED).values(), *OURS)


def record(made: Made) -> Record | Dropped:
    """One vote.

    by: `person` or `model`; voter: the person's name, or the model's. blind: whether a person had
    nothing of the model's answer in sight, null where they answered in another tool; exposure: in
    which mode they had, where it is known. second: what they said once it was revealed to them.
    outcome: how a model's call ended; its vote is null unless that is `parsed` or `repaired`.
    variant: its wording of the question. seconds: of the person's work, or of the call. at: UTC ISO
    text.
    """
    assert isinstance(made, Vote)
    row = made.row
    found: Record = {"id": row.id}
    for name, column in _named(row.project.fields):
        found[column] = row.item.fields[name]
    found["question"] = row.question.name
    said = made.said
    return found | (_person(said) if isinstance(said, Answer) else _model(said))


@lru_cache(maxsize=32)
def _named(fields: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(field_columns(fields, RESERVED).items())


def _person(said: Answer) -> Record:
    one, second = said.annotation, said.second
    return {
        "by": "person",
        "voter": said.name,
        "vote": one.value,
        "outcome": None,
        "confidence": None,
        "blind": None if said.shown == "unknown" else said.blind,
        "exposure": None if one.exposure is None else one.exposure.get("mode"),
        "second": None if second is None else second.value,
        "note": one.note,
        "variant": None,
        "sample": None,
        "prompt": None,
        "prompt_hash": None,
        "seconds": one.seconds,
        "at": one.created_at,
    }


def _model(call: Prelabel) -> Record:
    return {
        "by": "model",
        "voter": call.model,
        "vote": call.value,
        "outcome": call.outcome,
        "confidence": call.confidence,
        "blind": None,
        "exposure": None,
        "second": None,
        "note": None,
        "variant": call.variant,
        "sample": call.sample,
        "prompt": call.prompt_version,
        "prompt_hash": call.prompt_hash,
        "seconds": call.seconds,
        "at": call.created_at,
    }


def check(found: Mapping[str, object]) -> str | None:
    """Why this is no vote."""
    if found["by"] == "person":
        return "a person's vote without a value" if found["vote"] is None else None
    return "a call without an outcome" if not found["outcome"] else None


DIALECTS.add(
    "votes",
    Dialect(
        "every vote: one row for each answer of a person and each call of the model",
        material="votes",
        columns=columns,
        record=record,
        check=check,
        forms=("jsonl", "csv", "parquet", "json"),
        read_by=("pandas", "Polars", "datasets", "spreadsheets"),
        calls=True,
        types={"confidence": float, "blind": bool, "sample": int, "seconds": float},
    ),
)
