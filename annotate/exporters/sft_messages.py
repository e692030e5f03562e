"""Conversations to imitate: {"messages": [..., assistant]}."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import answered, spoken, unfinished, unlike
from annotate.exporters.protocol import Record
from annotate.training.protocol import Example, Made

COLUMNS = ("messages",)
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record:
    assert isinstance(made, Example)
    return {"messages": spoken(made.prompt) + answered(made.completion)}


def check(found: Mapping[str, object]) -> str | None:
    """A column `prompt` or `completion` beside it makes TRL read another format, `labels` or
    `input_ids` are taken for tokens, `image` for pictures: there is none."""
    return unlike(found, _COLUMNS) or unfinished(found["messages"])


DIALECTS.add(
    "sft_messages",
    Dialect(
        "conversations to imitate, for supervised fine-tuning",
        material="examples",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json", "parquet"),
        read_by=("TRL SFT", "Axolotl chat_template", "ms-swift SFT", "torchtune", "Unsloth"),
        note="TRL learns all turns of a conversation unless assistant_only_loss is set; "
        "sft_prompt_completion learns the last answer alone. Whatever is longer than max_length "
        "is cut.",
    ),
)
