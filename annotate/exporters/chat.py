"""Chat messages as trainers read them: two keys each, `role` and `content`."""

from __future__ import annotations

from annotate.exporters.protocol import ExportRow
from annotate.llm.prompts import ask
from annotate.llm.variants import WAYS, Variant
from annotate.questions.text import TextSettings

_WAY = Variant(WAYS["instruction"])


def message(role: str, content: str) -> dict[str, str]:
    """One message. Loaders assert exactly these two keys or drop the others in silence."""
    return {"role": role, "content": content}


def task(row: ExportRow) -> str:
    """The question about this item, as the model is asked it, without examples or confidence.

    The guideline is left out: it would stand in every row, and trainers cut or drop long prompts.
    """
    llm = row.project.llm.model_copy(update={"confidence": False})
    project = row.project.model_copy(update={"llm": llm})
    return ask(project, row.question, row.item, _WAY).prompt.messages[-1].content


def is_rejection(row: ExportRow) -> bool:
    """Whether people rejected a draft and put nothing in its place."""
    value = row.final.value
    return isinstance(row.question, TextSettings) and value["verdict"] == "reject"


def is_empty(*texts: str) -> bool:
    """Whether one of them has nothing to train on."""
    return not all(text.strip() for text in texts)
