"""Fine-tuning files in OpenAI's form: {"messages": [...]}, and no other key."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters import sft_messages
from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import unfinished
from annotate.exporters.refusals import OTHER_COLUMNS

CLOSING = (
    "OpenAI itself takes new jobs only from customers it had in 2026, and none after 6 January "
    "2027; Azure, Together and Fireworks read the same file. At least 10 rows, at most 512 MB."
)


def check(found: Mapping[str, object]) -> str | None:
    """Stricter than `sft_messages`: an unknown key is refused with the whole file, `meta` too, and
    a tool's message has to name the call it answers."""
    if found.keys() != {"messages"}:
        return OTHER_COLUMNS
    return unfinished(found["messages"], tools=False)


DIALECTS.add(
    "sft_openai",
    Dialect(
        "conversations to imitate, for fine-tuning services",
        material="examples",
        columns=lambda project: sft_messages.COLUMNS,
        record=sft_messages.record,
        check=check,
        read_by=("Azure OpenAI", "Together", "Fireworks", "OpenAI"),
        note=CLOSING,
        passport=False,
    ),
)
