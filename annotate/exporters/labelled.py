"""The labelled set as records: one for each item and question that has a label."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.exporters.protocol import Dropped, ExportRow, Record
from annotate.project import Project
from annotate.questions.wording import in_words

OURS = ("question", "label", "source", "votes", "agreement")
RESERVED = ("id", *OURS, "meta")


def columns(project: Project) -> tuple[str, ...]:
    """id, the item's fields, then the label and where it comes from."""
    return ("id", *field_columns(project).values(), *OURS)


def field_columns(project: Project) -> dict[str, str]:
    """field -> its column. Our own names keep their meaning: a field of that name gets `x_`.

    Whoever reads the column `label` must get the answer, not a field that happens to be called so.
    """
    taken = {*RESERVED, *(name for name in project.fields if name not in RESERVED)}
    named = {}
    for name in project.fields:
        column = name
        if name in RESERVED:
            while column in taken:
                column = f"x_{column}"
            taken.add(column)
        named[name] = column
    return named


def records(row: ExportRow) -> Iterator[Record | Dropped]:
    """The item with its label.

    votes: how many answers there are, people's where people answered, else the model's; agreement:
    which share of them, 0 to 1, is this label.
    """
    if row.final.source == "none":
        yield Dropped(row.final.why)
        return
    votes, agreeing = _support(row)
    record: Record = {"id": row.id}
    for name, column in field_columns(row.project).items():
        record[column] = row.item.fields[name]
    record |= {
        "question": row.question.name,
        "label": row.final.value,
        "source": row.final.source,
        "votes": votes,
        "agreement": round(agreeing / votes, 4) if votes else None,
    }
    yield record


def _support(row: ExportRow) -> tuple[int, int]:
    if row.final.source == "person":
        return row.people.votes, row.people.agreeing
    if row.final.source == "adjudicated" and row.answers:
        same = sum(one.annotation.value == row.final.value for one in row.answers)
        return len(row.answers), same
    said = in_words(row.question, row.final.value)
    return sum(row.machine.votes.values()), row.machine.votes.get(said, 0)
