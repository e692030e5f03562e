"""Preference pairs with a margin, for reward models: how sure people are enters the loss."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from annotate.exporters import preference_trl
from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import unlike
from annotate.exporters.preference_trl import unpaired
from annotate.exporters.protocol import Dropped, Record
from annotate.exporters.refusals import NO_MARGIN
from annotate.training.protocol import Made, Pair

COLUMNS = (*preference_trl.COLUMNS, "margin")
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record | Dropped:
    """margin: 0..1. A row without one would stop the training, so there is none."""
    assert isinstance(made, Pair)
    if made.margin is None:
        return Dropped(NO_MARGIN)
    return preference_trl.record(made) | {"margin": float(made.margin)}


def check(found: Mapping[str, object]) -> str | None:
    why = unlike(found, _COLUMNS) or unpaired(found)
    margin = found.get("margin")
    if why is None and not (isinstance(margin, float) and isfinite(margin)):
        return "the margin is no number"
    return why


DIALECTS.add(
    "reward_trl",
    Dialect(
        "prompt, chosen, rejected and by how much, for reward models",
        material="pairs",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json", "parquet"),
        read_by=("TRL Reward", "TRL DPO"),
        note="The reward trainer subtracts the margin in its loss; DPO does not look at it. It is "
        "the lead of the better answer: of people's votes, or of the scale that they rated on.",
    ),
)
