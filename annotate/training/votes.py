"""Single votes: each answer of a person, and each call of the model."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from annotate.consensus import offers
from annotate.exporters.protocol import RETIRED, Dropped, ExportRow
from annotate.llm.variants import belongs
from annotate.model import VOTING, Prelabel
from annotate.training.protocol import MATERIALS, Material, Rules, Vote
from annotate.training.reasons import CLAIM, NOBODY


def votes(row: ExportRow, rules: Rules) -> Iterator[Vote | Dropped]:
    """People's answers, oldest first, then the model's calls, however they ended; of all rows, also
    of those without a label: whoever takes votes weighs them."""
    exclude = row.project.llm.exclude
    calls = [call for call in row.machine.calls if not belongs(call.variant, exclude)]
    for answer in row.answers:
        offered = offers(row.question, answer.annotation.value)
        yield Vote(row, answer) if offered else Dropped(RETIRED)
    for call in calls:
        why = _no_vote(row, call)
        yield Vote(row, call) if why is None else Dropped(why)
    if not row.answers and not calls:
        yield Dropped(NOBODY)


def _no_vote(row: ExportRow, call: Prelabel) -> str | None:
    if call.outcome not in VOTING or offers(row.question, call.value):
        return None
    part = isinstance(call.value, dict) and row.question.type == "multi_label"
    return CLAIM if part else RETIRED


MATERIALS.add("votes", Material(lambda row, rules: (partial(votes, rules=rules),)))
