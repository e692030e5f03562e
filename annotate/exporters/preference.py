"""Preference pairs: {"prompt": [user], "chosen": [assistant], "rejected": [assistant]}."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.exporters import jsonl
from annotate.exporters.chat import is_empty, is_rejection, message, task
from annotate.exporters.protocol import (
    AGREED,
    EMPTY_TEXT,
    EXPORTERS,
    NO_MODEL,
    REJECTED,
    SAME_TEXT,
    TIE,
    Dropped,
    Exporter,
    ExportRow,
    Record,
)
from annotate.project import Project
from annotate.questions.preference import TIE as TIE_VALUE
from annotate.questions.preference import PreferenceSettings
from annotate.questions.wording import in_words


def columns(project: Project) -> tuple[str, ...]:
    return ("prompt", "chosen", "rejected")


def records(row: ExportRow) -> Iterator[Record | Dropped]:
    """A person's label against the model's other one; or the response that people prefer against
    each of the others, which may be several pairs."""
    why = row.no_person()
    if why is not None:
        yield Dropped(why)
    elif isinstance(row.question, PreferenceSettings):
        yield from _responses(row, row.question)
    else:
        yield _labels(row)


def _labels(row: ExportRow) -> Record | Dropped:
    if row.model_value is None:
        return Dropped(NO_MODEL)
    if row.model_value == row.final.value:
        return Dropped(AGREED)
    if is_rejection(row):
        return Dropped(REJECTED)
    chosen, rejected = (in_words(row.question, v) for v in (row.final.value, row.model_value))
    return _pair(task(row), chosen, rejected)


def _responses(row: ExportRow, question: PreferenceSettings) -> Iterator[Record | Dropped]:
    if question.choice_of(row.final.value) == TIE_VALUE:
        yield Dropped(TIE)
        return
    fields = row.item.fields
    winner = question.field_of(row.final.value)
    for other in question.responses:
        if other != winner:
            yield _pair(fields[question.prompt], fields[winner], fields[other])


def _pair(prompt: str, chosen: str, rejected: str) -> Record | Dropped:
    if is_empty(prompt, chosen, rejected):
        return Dropped(EMPTY_TEXT)
    if chosen.strip() == rejected.strip():  # a trainer would learn from noise, without a word
        return Dropped(SAME_TEXT)
    return {
        "prompt": [message("user", prompt)],
        "chosen": [message("assistant", chosen)],
        "rejected": [message("assistant", rejected)],
    }


EXPORTERS.add(
    "preference",
    Exporter(
        "prompt, chosen and rejected for preference training, as people decided",
        ".jsonl",
        columns,
        records,
        jsonl.write,
    ),
)
