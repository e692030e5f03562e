"""Every vote: what each person answered, and how each call of the model ended."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.exporters.protocol import Dropped, ExportRow
from annotate.training.protocol import MATERIALS, Made, Rules, Vote

NO_VOTES = "nobody has voted yet"


def votes(row: ExportRow, rules: Rules) -> Iterator[Made | Dropped]:
    """People's answers, oldest first, then the model's calls."""
    if not row.answers and not row.machine.calls:
        yield Dropped(NO_VOTES)
    for answer in row.answers:
        yield Vote(row, answer)
    for call in row.machine.calls:
        yield Vote(row, call)


MATERIALS.add("votes", votes)
