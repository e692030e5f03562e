"""Yes and no about single labels -> sets of labels: all claims of one way are one answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from annotate.llm.variants import way_of
from annotate.model import VOTING
from annotate.store.machine.prelabels import Said


def whole(calls: Iterable[Said], labels: Sequence[str]) -> list[Said]:
    """The calls of one item, with those about single labels (their value is {label: bool}) put
    together, one for each way and sample. labels: what is claimed of; () for no claims.

    A set of which one claim ended without an answer ended so too. The least sure claim says how
    sure the whole is.
    """
    calls = list(calls)
    if not labels or not any(":" in call.variant for call in calls):
        return calls
    claims: dict[tuple[str, int], list[Said]] = {}
    answers = []
    for call in calls:
        way = way_of(call.variant)
        if way == call.variant:
            answers.append(call)
        else:
            claims.setdefault((way, call.sample), []).append(call)
    return answers + [_together(way, parts, labels) for (way, _), parts in claims.items()]


def _together(way: str, parts: Sequence[Said], labels: Sequence[str]) -> Said:
    said: dict[str, bool] = {}
    for part in parts:
        if part.outcome in VOTING and isinstance(part.value, Mapping):
            said |= part.value
    lost = [part.outcome for part in parts if part.outcome not in VOTING]
    if lost or not set(labels) <= set(said):
        outcome = lost[0] if lost else "abstained"
        return parts[0]._replace(variant=way, outcome=outcome, value=None, confidence=None)
    stated = [part.confidence for part in parts if part.confidence is not None]
    return parts[0]._replace(
        variant=way,
        value=[label for label in labels if said[label]],
        confidence=min(stated) if len(stated) == len(parts) else None,
        probabilities=None,
    )
