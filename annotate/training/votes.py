"""Single votes: each answer of a person, and each of the model's calls that said something."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.consensus import offers
from annotate.exporters.protocol import RETIRED, Dropped, ExportRow
from annotate.llm.variants import belongs
from annotate.model import VOTING, Prelabel
from annotate.training.protocol import MATERIALS, Rules, Vote
from annotate.training.reasons import NOBODY


def votes(row: ExportRow, rules: Rules) -> Iterator[Vote | Dropped]:
    """People's answers, oldest first, then the model's calls; of all rows, also of those without
    a label: whoever takes votes weighs them. Calls that failed or were not understood are none."""
    calls = [call for call in row.machine.calls if _votes(row, call)]
    for answer in row.answers:
        offered = offers(row.question, answer.annotation.value)
        yield Vote(row, answer) if offered else Dropped(RETIRED)
    for call in calls:
        yield Vote(row, call) if offers(row.question, call.value) else Dropped(RETIRED)
    if not row.answers and not calls:
        yield Dropped(NOBODY)


def _votes(row: ExportRow, call: Prelabel) -> bool:
    return call.outcome in VOTING and not belongs(call.variant, row.project.llm.exclude)


MATERIALS.add("votes", votes)
