"""Supervised fine-tuning: {"messages": [user, assistant]} where a person and the model agree."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.exporters import jsonl
from annotate.exporters.chat import is_empty, is_rejection, message, task
from annotate.exporters.protocol import (
    DISAGREED,
    EMPTY_TEXT,
    EXPORTERS,
    NO_MODEL,
    REJECTED,
    TIE,
    Dropped,
    Exporter,
    ExportRow,
    Record,
)
from annotate.project import Project
from annotate.questions.preference import TIE as TIE_VALUE
from annotate.questions.preference import PreferenceSettings
from annotate.questions.text import TextSettings
from annotate.questions.wording import in_words


def columns(project: Project) -> tuple[str, ...]:
    return ("messages",)


def records(row: ExportRow) -> Iterator[Record | Dropped]:
    """The question and its label; for a preference, the prompt and the better response; for a
    text what people wrote, or left as it was, whatever the model says."""
    why = _left_out(row)
    if why is not None:
        yield Dropped(why)
        return
    user, assistant = _turns(row)
    if is_empty(user, assistant):
        yield Dropped(EMPTY_TEXT)
        return
    yield {"messages": [message("user", user), message("assistant", assistant)]}


def _left_out(row: ExportRow) -> str | None:
    why = row.no_person()
    if why is not None:
        return why
    if isinstance(row.question, TextSettings):
        return REJECTED if is_rejection(row) else None
    if _tied(row):
        return TIE
    if row.model_value is None:
        return NO_MODEL
    return None if _agree(row) else DISAGREED


def _tied(row: ExportRow) -> bool:
    question = row.question
    if not isinstance(question, PreferenceSettings):
        return False
    return question.choice_of(row.final.value) == TIE_VALUE


def _agree(row: ExportRow) -> bool:
    """How much better a response is does not matter to who learns from the better one."""
    if isinstance(row.question, PreferenceSettings):
        said = (row.question.choice_of(value) for value in (row.model_value, row.final.value))
        return len(set(said)) == 1
    return bool(row.model_value == row.final.value)


def _turns(row: ExportRow) -> tuple[str, str]:
    question, fields = row.question, row.item.fields
    if isinstance(question, PreferenceSettings):
        return fields[question.prompt], fields[question.field_of(row.final.value)]
    return task(row), in_words(question, row.final.value)


EXPORTERS.add(
    "sft",
    Exporter(
        "chat messages for supervised fine-tuning, where a person and the model agree",
        ".jsonl",
        columns,
        records,
        jsonl.write,
    ),
)
