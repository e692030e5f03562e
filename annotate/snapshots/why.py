"""Why a label is another one than in an earlier snapshot, from the passports of both rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotate.snapshots.manifest import Manifest

ADJUDICATED = "adjudicated"
GUIDELINE = "by guideline version {number}"
FIRST = "answered by people"
MORE = "by other answers of people"
TAKEN_BACK = "by a word that was taken back"
NEW_MODEL = "by new answers of the model"
LEARNED = "by what people said in such cases"
ROUTED = "routed anew"


@dataclass(frozen=True, slots=True)
class Known:
    """What a row's passport says of its label. said: (person, time) -> the guideline's hash of
    each answer; calls: the model's answers."""

    value: Any
    source: str
    said: Mapping[tuple[str, str], str | None]
    calls: frozenset[tuple[Any, ...]]


def known(row: Mapping[str, Any]) -> Known:
    """Of a row of the labelled set with its passport."""
    meta = json.loads(row["meta"])
    return Known(
        row["label"],
        row["source"],
        {
            (one["person"], one["at"]): one.get("guideline_version")
            for one in meta["people"]["answers"]
        },
        frozenset(
            (call["model"], call["variant"], call["sample"], call["prompt_hash"], call["at"])
            for call in meta["model"]["calls"]
        ),
    )


class Guidelines:
    """The versions of the project file that came after an earlier snapshot."""

    def __init__(self, old: Manifest, new: Manifest) -> None:
        last = max((one["number"] for one in old["versions"]), default=0)
        self._later = {
            one["hash"]: one["number"] for one in new["versions"] if one["number"] > last
        }

    def newest(self, hashes: list[str | None]) -> int | None:
        """The newest of these that came after; None: none did."""
        found = [self._later[one] for one in hashes if one in self._later]
        return max(found, default=None)


def why(old: Known, new: Known, guidelines: Guidelines) -> str:
    """In words that follow a number of labels: "30 adjudicated"."""
    if new.source == "adjudicated":
        return ADJUDICATED
    if new.source == "person":
        return _by_people(old, new, guidelines)
    if old.source in ("person", "adjudicated"):
        return TAKEN_BACK
    if new.source == "learned":
        return LEARNED
    return NEW_MODEL if new.calls - old.calls else ROUTED


def _by_people(old: Known, new: Known, guidelines: Guidelines) -> str:
    if not old.said and old.source != "adjudicated":
        return FIRST
    later = [version for key, version in new.said.items() if key not in old.said]
    number = guidelines.newest(later)
    if number is not None:
        return GUIDELINE.format(number=number)
    return MORE if later else TAKEN_BACK
