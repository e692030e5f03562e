"""The draft behind an edited text."""

from __future__ import annotations

from annotate.exporters.protocol import Answer, ExportRow
from annotate.questions.text import MODEL, TextSettings


def draft_of(row: ExportRow, question: TextSettings, answer: Answer | None = None) -> str | None:
    """The text that people were given to accept, correct or reject; None where there was none.

    answer: whose draft; the model may have written another one for who came later.
    """
    if question.draft is None:
        return None
    if question.draft != MODEL:
        text = row.item.fields[question.draft]
        return text if text.strip() else None
    answers = row.answers if answer is None else (answer,)
    shown = [(one.annotation.exposure or {}).get("said") for one in answers]
    written = next((one for one in shown if one is not None), row.model_value)
    return None if written is None else str(written["text"])
