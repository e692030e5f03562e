"""The labelled set, wide: one row for each item and question that has a label."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.once import once, once_for
from annotate.exporters.protocol import Dropped, ExportRow, Record
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.wording import in_words
from annotate.training.protocol import Made

OURS = ("question", "label", "source", "votes", "agreement", "posterior", "soft_label")
RESERVED = ("id", *OURS, "meta")
SOURCES = ("adjudicated", "person", "model", "learned")


def columns(project: Project) -> tuple[str, ...]:
    """id, the item's fields, then the label and where it comes from."""
    return ("id", *field_columns(project.fields, RESERVED).values(), *OURS)


def field_columns(fields: tuple[str, ...], reserved: tuple[str, ...]) -> dict[str, str]:
    """field -> its column. Our own names keep their meaning: a field of that name gets `x_`.

    Whoever reads the column `label` must get the answer, not a field that happens to be called so.
    """
    taken = {*reserved, *(name for name in fields if name not in reserved)}
    named = {}
    for name in fields:
        column = name
        if name in reserved:
            while column in taken:
                column = f"x_{column}"
            taken.add(column)
        named[name] = column
    return named


def record(made: Made) -> Record | Dropped:
    """The item with its label.

    votes: how many answers there are, people's where people answered, else the model's; agreement:
    which share of them, 0 to 1, is this label. posterior: its probability by the consensus; null
    where that stands by something else, or is not made up yet. soft_label: the shares of those
    votes, in label order; null for questions without a fixed set of labels, and without votes.
    """
    assert isinstance(made, ExportRow)
    row, final, question = made, made.final, made.question
    if final.source == "none":
        return Dropped(final.why)
    columns, votes, agreement, soft = once_for(row, _alike)
    fields = row.item.fields
    found: Record = {"id": row.id}
    for name, column in columns:
        found[column] = fields[name]
    found["question"] = question.name
    found["label"] = final.value
    found["source"] = final.source
    found["votes"] = votes
    found["agreement"] = agreement
    same = row.probability is not None and row.consensus_value == final.value
    found["posterior"] = round(row.probability, 4) if same and row.probability is not None else None
    found["soft_label"] = soft
    return found


@lru_cache(maxsize=32)
def _named(fields: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(field_columns(fields, RESERVED).items())


def _alike(
    row: ExportRow,
) -> tuple[list[tuple[str, str]], int, float | None, list[float] | None]:
    votes, agreeing = _support(row)
    return _named(row.project.fields), votes, _share(agreeing, votes), soft_label(row)


def soft_label(row: ExportRow) -> list[float] | None:
    """The share of each class among people's votes; where nobody answered, among the model's."""
    places, words, nothing = _classes(row.question)
    if not places:
        return None
    counts = list(nothing)
    if row.answers:
        for one in row.answers:
            place = places.get(one.annotation.value)
            if place is not None:
                counts[place] += 1
    else:
        counts = [row.machine.votes.get(word, 0) for word in words]
    return _shares(tuple(counts))


@lru_cache(maxsize=4096)
def _shares(counts: tuple[int, ...]) -> list[float] | None:
    total = sum(counts)
    return [round(count / total, 4) for count in counts] if total else None


@lru_cache(maxsize=4096)
def _share(part: int, of: int) -> float | None:
    return round(part / of, 4) if of else None


@once
def _classes(question: QuestionSettings) -> tuple[dict[Value, int], list[str], list[int]]:
    """The place of each class, what they are called, and no vote for any."""
    classes = QUESTION_TYPES[question.type].classes(question)
    words = [in_words(question, value) for value in classes]
    return {value: at for at, value in enumerate(classes)}, words, [0] * len(classes)


def _support(row: ExportRow) -> tuple[int, int]:
    if row.final.source == "person" and row.final.value == row.people.value:
        return row.people.votes, row.people.agreeing
    if row.final.source in ("adjudicated", "person") and row.answers:
        same = sum(one.annotation.value == row.final.value for one in row.answers)
        return len(row.answers), same
    said = in_words(row.question, row.final.value)
    votes = row.machine.votes
    return sum(votes.values()), votes.get(said, 0)


def check(found: Mapping[str, object]) -> str | None:
    """Why this is no row of the labelled set."""
    if not isinstance(found["id"], str):
        return "the id is no text"
    if found["label"] is None or found["source"] not in SOURCES:
        return "there is no label, or nobody whose it is"
    return None


def labels_of(project: Project) -> Mapping[str, tuple[str, ...]]:
    """The classes of `label`: those of the only question, where it has any that are texts."""
    if len(project.questions) != 1:
        return {}
    question = project.questions[0]
    classes = QUESTION_TYPES[question.type].classes(question)
    texts = tuple(value for value in classes if isinstance(value, str))
    return {"label": texts} if texts and len(texts) == len(classes) else {}


DIALECTS.add(
    "labels",
    Dialect(
        "the labelled set: one row for each item and question",
        material="rows",
        columns=columns,
        record=record,
        votes=True,
        check=check,
        forms=("jsonl", "csv", "parquet", "json", "parquet_features"),
        read_by=("pandas", "Polars", "datasets", "spreadsheets"),
        note="datasets reads a column of one kind: where some questions have texts as labels and "
        "others lists, export one question, or take Parquet.",
        consensus=True,
        labels=labels_of,
        types={"votes": int, "agreement": float, "posterior": float},
    ),
)
