"""Alpaca: {"instruction", "input", "output"}, one exchange a row."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import unlike, unreadable
from annotate.exporters.protocol import Dropped, Record
from annotate.exporters.refusals import SEVERAL_TURNS
from annotate.training.protocol import Example, Made

COLUMNS = ("instruction", "input", "output")
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record | Dropped:
    """A system message comes first in the instruction: a column of its own is read by some only.

    `input` is empty: the item stands in the instruction, where the question is asked of it.
    """
    assert isinstance(made, Example)
    if [turn.role for turn in made.prompt] not in (["user"], ["system", "user"]):
        return Dropped(SEVERAL_TURNS)
    instruction = "\n\n".join(turn.content for turn in made.prompt)
    return {"instruction": instruction, "input": "", "output": made.completion}


def check(found: Mapping[str, object]) -> str | None:
    why = unlike(found, _COLUMNS) or unreadable(found["instruction"]) or unreadable(found["output"])
    return why or (unreadable(found["input"]) if found["input"] != "" else None)


DIALECTS.add(
    "alpaca",
    Dialect(
        "instruction, input and output, for supervised fine-tuning",
        material="examples",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json", "parquet"),
        read_by=("Axolotl alpaca", "LLaMA-Factory alpaca", "ms-swift", "torchtune alpaca"),
        note="TRL does not read it: take sft_prompt_completion.",
    ),
)
