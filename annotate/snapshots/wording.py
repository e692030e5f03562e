"""What is different between two snapshots, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotate.snapshots.comparing import Difference
from annotate.snapshots.manifest import LABELS, VOTES, Manifest

SOURCES = {
    "adjudicated": "a lead",
    "person": "people",
    "model": "the model",
    "learned": "the model as people correct it",
}
"""Whose a label is."""

UNDECIDED = "not defined"


def sentences(found: Difference, old: str, new: str = "now") -> list[str]:
    """What is different, the labels first. old, new: what the two are called."""
    if found.nothing:
        return [f"{new} is the same as {old}, to the byte"]
    lines = [*_labels(found, old), *_items(found), *_project(found)]
    for name in found.new["questions"]:
        lines += _question(found, name)
    return lines + list(_exports(found)) or [f"no label and no number is another one than in {old}"]


def exported(manifest: Manifest) -> list[str]:
    """How many rows each export has that was asked for, and why there are not more."""
    lines = []
    for name, one in sorted(manifest["exports"].items()):
        if name in (LABELS, VOTES):
            continue
        left_out = sorted(one["left_out"].items(), key=lambda pair: -pair[1])
        why = f"; left out: {_listed(dict(left_out))}" if left_out else ""
        lines.append(f"{name}: {one['rows']:,} rows{_in_splits(one['splits'])}{why}")
    return lines


def _in_splits(splits: Mapping[str, int]) -> str:
    told = ", ".join(f"{name} {count:,}" for name, count in splits.items())
    return f" ({told})" if told else ""


def _labels(found: Difference, old: str) -> Iterator[str]:
    changed = sum(found.changed.values())
    if changed:
        yield f"{_labels_are(changed, 'changed')} since {old}: {_listed(found.changed)}"
    elif found.old["counts"]["labels"]:
        yield f"no label changed since {old}"
    if found.added:
        told = {f"from {SOURCES[source]}": count for source, count in found.added.items()}
        yield f"{_labels_are(sum(told.values()), 'new', 'is', 'are')}: {_listed(told)}"
    if found.gone:
        gone = sum(found.gone.values())
        yield f"{_labels_are(gone, 'gone', 'is', 'are')}: {_listed(found.gone)}"
    for (before, after), count in found.resting.items():
        same = _labels_are(count, "the same", "is", "are")
        yield f"{same} and now on the word of {SOURCES[after]} instead of {SOURCES[before]}"
    if found.moved:
        yield f"{_labels_are(found.moved, 'in another split', 'is', 'are')}"


def _labels_are(count: int, what: str, one: str = "", many: str = "") -> str:
    """
    >>> _labels_are(1, "new", "is", "are"), _labels_are(37, "changed")
    ('1 label is new', '37 labels changed')
    """
    verb = one if count == 1 else many
    return " ".join(filter(None, (f"{count:,}", "label" if count == 1 else "labels", verb, what)))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {why}" for why, count in counts.items())


def _items(found: Difference) -> Iterator[str]:
    more = found.new["counts"]["items"] - found.old["counts"]["items"]
    if more > 0:
        yield f"{more:,} {'item is' if more == 1 else 'items are'} new"


def _project(found: Difference) -> Iterator[str]:
    """Every version of the project file that came in between."""
    last = max((one["number"] for one in found.old["versions"]), default=0)
    for one in found.new["versions"]:
        if one["number"] > last:
            told = "; ".join(one["told"] or ()) or "comments or layout changed"
            yield f"the project file is version {one['number']}: {told}"


def _question(found: Difference, name: str) -> Iterator[str]:
    old, new = (each["questions"].get(name) for each in (found.old, found.new))
    if old is None:
        yield f"{name} is a new question"
        return
    for who in ("people", "model"):
        before, after = (_measure(each["agreement"][who]) for each in (old, new))
        if before != after:
            title = new["agreement"][who]["who"]
            yield f"{name}: agreement of {title}: {before} before, {after} now"
    if old["promise"]["sentence"] != new["promise"]["sentence"]:
        yield f"{name}: promised before: {old['promise']['sentence']}"
        yield f"{name}: promised now: {new['promise']['sentence']}"


def _measure(told: Mapping[str, Any]) -> str:
    value = told["value"]
    if value is None:
        return UNDECIDED
    if told["low"] is None:
        return f"{value:.2f}"
    return f"{value:.2f} ({told['low']:.2f} to {told['high']:.2f})"


def _exports(found: Difference) -> Iterator[str]:
    """Rows of what was exported beside the labels, where both have it."""
    old, new = found.old["exports"], found.new["exports"]
    for name in (name for name in new if name in old and name != LABELS):
        if old[name]["rows"] != new[name]["rows"]:
            yield f"{name}: {old[name]['rows']:,} rows before, {new[name]['rows']:,} now"
        if old[name]["request"] != new[name]["request"]:
            yield f"{name} is made with other settings"


def as_json(found: Difference, old: str, new: str) -> dict[str, Any]:
    """For programs: the counts, the sentences and the first changes."""
    return {
        "old": old,
        "new": new,
        "changed": dict(found.changed),
        "added": dict(found.added),
        "gone": dict(found.gone),
        "resting": [
            {"before": before, "now": after, "labels": count}
            for (before, after), count in found.resting.items()
        ],
        "moved": found.moved,
        "shown": [one._asdict() for one in found.shown],
        "sentences": sentences(found, old, new),
    }
