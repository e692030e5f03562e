"""What came of an export: counts, reasons, files, and how long the texts are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotate.exporters import Record
from annotate.splits.plan import Moved

SHOWN = 5
"""Items that are named for each reason."""


class Length(NamedTuple):
    """Characters of a column's texts, over all rows; of chat messages what they say in all."""

    min: int
    median: int
    p95: int
    max: int


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """path: inside the folder, with /; of a single file its name. table: the part of a folder
    dialect or the name of the request; "" for what stands beside. split: "" when not split."""

    path: str
    rows: int
    bytes: int
    sha256: str
    table: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, or would be. `dropped`: reason -> how many records were not made for it,
    most first; `examples`: reason -> the ids of the first items it is about.

    items: how many the project has. lengths: column -> `Length`; median and 95th percentile within
    1 %. splits: name -> rows. moved: what is not in the split of its own hash, and why. path: None
    when it went to a stream. at: UTC ISO text. promises: question -> what is promised of its
    labels, in one sentence, as of the same moment. posteriors: question -> the sentence that says
    so, where the posterior in the rows is not of that moment.
    """

    items: int
    rows: int
    dropped: Mapping[str, int]
    path: Path | None
    at: str
    promises: Mapping[str, str] = field(default_factory=dict)
    posteriors: Mapping[str, str] = field(default_factory=dict)
    files: tuple[WrittenFile, ...] = ()
    lengths: Mapping[str, Length] = field(default_factory=dict)
    splits: Mapping[str, int] = field(default_factory=dict)
    moved: tuple[Moved, ...] = ()
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def told(self) -> Mapping[str, Sequence[str]]:
        """What is to be known of the labels that go out -> the questions that it is true of: what
        is promised, and posteriors that are older."""
        said: dict[str, list[str]] = {}
        for question, sentence in (*self.promises.items(), *self.posteriors.items()):
            said.setdefault(sentence, []).append(question)
        return said

    def summary(self) -> str:
        """One line: the rows, and why there are not more.

        >>> ExportReport(3, 0, {"not routed yet": 3}, None, "").summary()
        '0 rows from 3 items; left out: 3 not routed yet'
        >>> ExportReport(30_000, 1, {"not routed yet": 29_999}, None, "").summary()
        '1 row from 30,000 items; left out: 29,999 not routed yet'
        """
        left_out = ", ".join(f"{count:,} {why}" for why, count in self.dropped.items())
        rows = f"{self.rows:,} row{'' if self.rows == 1 else 's'}"
        items = f"{self.items:,} item{'' if self.items == 1 else 's'}"
        splits = ", ".join(f"{name} {count:,}" for name, count in self.splits.items())
        return (
            f"{rows} from {items}"
            + (f" ({splits})" if splits else "")
            + (f"; left out: {left_out}" if left_out else "")
        )


# lengths, in as much memory as they would take of a few thousand rows

_EXACT = 1024
_STEP = 1.01
_BUCKETS = _EXACT + int(np.log(2**31 / _EXACT) / np.log(_STEP)) + 2


class Lengths:
    """How long the values of one column are: exact up to 1,023 characters, beyond within 1 %."""

    def __init__(self) -> None:
        self._counts: NDArray[np.int64] = np.zeros(_BUCKETS, dtype=np.int64)
        self._min, self._max = 2**62, 0

    def add(self, lengths: Sequence[int]) -> None:
        if not lengths:
            return
        found = np.array(lengths, dtype=np.int64)
        buckets = found.copy()
        longest = int(found.max())
        if longest >= _EXACT:
            long = found >= _EXACT
            above = np.log(found[long] / _EXACT) / np.log(_STEP)
            buckets[long] = _EXACT + above.astype(np.int64)
        self._counts += np.bincount(buckets, minlength=_BUCKETS)
        self._min = min(self._min, int(found.min()))
        self._max = max(self._max, longest)

    def join(self, other: Lengths) -> None:
        """Add all that was added to the other."""
        self._counts += other._counts
        self._min, self._max = min(self._min, other._min), max(self._max, other._max)

    def result(self) -> Length | None:
        """None when nothing was added."""
        total = int(self._counts.sum())
        if not total:
            return None
        upto = self._counts.cumsum()
        median, p95 = (
            self._value(int(np.searchsorted(upto, np.ceil(share * total)))) for share in (0.5, 0.95)
        )
        return Length(self._min, median, p95, self._max)

    def _value(self, bucket: int) -> int:
        if bucket < _EXACT:
            return bucket
        middle = round(float(_EXACT * _STEP ** (bucket - _EXACT + 0.5)))
        return max(self._min, min(self._max, middle))


def measure(lengths: dict[str, Lengths], columns: Sequence[str], records: Sequence[Record]) -> None:
    """Add the texts of these records: strings, and what is in lists and objects."""
    for name in columns:
        values = [value for record in records if (value := record[name]) is not None]
        if not values or not _has_text(values[0]):
            continue
        count = _quickly(values[0])
        try:
            found = [count(value) for value in values]
        except (TypeError, KeyError):  # not all are like the first
            found = list(map(characters, values))
        lengths.setdefault(name, Lengths()).add(found)


def _quickly(value: object) -> Callable[[Any], int]:
    """What counts the characters of this and others like it."""
    if isinstance(value, str):
        return len
    said = _said_in(value[0]) if isinstance(value, list) and value else None
    if said is None:
        return characters
    return lambda turns: (
        len(turns[0][said]) if len(turns) == 1 else sum([len(turn[said]) for turn in turns])
    )


def _said_in(turn: object) -> str | None:
    """The key under which a chat message has its text; None of anything else."""
    if not isinstance(turn, dict):
        return None
    found = (said for who, said in (("role", "content"), ("from", "value")) if who in turn)
    return next((said for said in found if isinstance(turn.get(said), str)), None)


def _has_text(value: object) -> bool:
    """Numbers have no length, and what holds nothing yet may hold texts."""
    if isinstance(value, list):
        return not value or _has_text(value[0])
    if isinstance(value, dict):
        return not value or any(one is None or _has_text(one) for one in value.values())
    return isinstance(value, str)


def characters(value: object) -> int:
    """How many characters its texts have, without keys and speakers.

    >>> characters([{"role": "user", "content": "abc"}, {"role": "assistant", "content": "d"}])
    4
    >>> characters([{"from": "human", "value": "abc"}, {"from": "gpt", "value": "d"}])
    4
    >>> characters({"a": ["bc", "d"], "n": 5})
    3
    """
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        said = _said_in(value)
        if said is not None:
            return len(value[said])
        return sum([characters(one) for one in value.values()])
    if isinstance(value, list | tuple):
        return sum([characters(one) for one in value])
    return 0
