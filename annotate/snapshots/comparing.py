"""What is different between two snapshots: labels one by one, and what they were made under."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from annotate.snapshots.manifest import LABELS, LEFT_OUT, Manifest, labels_in, load, rows_in
from annotate.snapshots.why import Guidelines, Known, known, why

SHOWN = 20
"""Changed labels that are shown one by one."""
NO_ITEM = "no longer an item with this question"

Keys = NDArray[np.uint64]


class Change(NamedTuple):
    """One label that is another one now."""

    id: str
    question: str
    before: Any
    after: Any
    why: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two snapshots, `old` and `new`, by their manifests and labels.

    changed: why -> labels that are other ones; shown: the first of them. added: source -> labels of
    rows that had none. gone: why -> rows whose label is no longer there. resting: (source before,
    source now) -> labels that are the same and stand on something else. moved: labels in another
    split.
    """

    old: Manifest
    new: Manifest
    changed: Mapping[str, int]
    shown: tuple[Change, ...]
    added: Mapping[str, int]
    gone: Mapping[str, int]
    resting: Mapping[tuple[str, str], int]
    moved: int

    @property
    def nothing(self) -> bool:
        """The two are the same to the byte."""
        return self.old == self.new


def compare(old_folder: Path, new_folder: Path) -> Difference:
    """Reads the labels of both twice; takes about 200 bytes of memory a label.

    Raises NotFound and UnreadableFile.
    """
    old, new = load(old_folder), load(new_folder)
    before, after = _columns(old_folder, old), _columns(new_folder, new)
    _, left, right = np.intersect1d(
        before.keys, after.keys, assume_unique=True, return_indices=True
    )
    other = before.labels[left] != after.labels[right]
    changed = before.keys[left[other]]
    gone = np.setdiff1d(before.keys, after.keys, assume_unique=True)
    counts, shown = _changes(old_folder, new_folder, (old, new), changed)
    same_left, same_right = left[~other], right[~other]
    return Difference(
        old=old,
        new=new,
        changed=counts,
        shown=shown,
        added=_counted(after.named(np.isin(after.keys, before.keys, invert=True))),
        gone=_gone(new_folder, gone),
        resting=_counted(
            (one, other)
            for one, other in zip(before.named(same_left), after.named(same_right), strict=True)
            if one != other
        ),
        moved=sum(
            one != other for one, other in zip(before.split(left), after.split(right), strict=True)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """One row for each label. keys: of item and question. labels: digests."""

    keys: Keys
    labels: Keys
    sources: NDArray[np.uint8]
    source_names: list[str]
    splits: NDArray[np.uint8]
    split_names: list[str]

    def named(self, rows: NDArray[Any]) -> list[str]:
        return [self.source_names[code] for code in self.sources[rows].tolist()]

    def split(self, rows: NDArray[Any]) -> list[str]:
        return [self.split_names[code] for code in self.splits[rows].tolist()]


def _columns(folder: Path, manifest: Manifest) -> _Columns:
    keys, labels, sources, splits = array("Q"), array("Q"), array("B"), array("B")
    source_codes: dict[str, int] = {}
    split_codes: dict[str, int] = {}
    for split, row in labels_in(folder, manifest):
        keys.append(_key(row))
        labels.append(_hash(orjson.dumps(row["label"], option=orjson.OPT_SORT_KEYS)))
        sources.append(source_codes.setdefault(row["source"], len(source_codes)))
        splits.append(split_codes.setdefault(split, len(split_codes)))
    return _Columns(
        np.frombuffer(keys, dtype=np.uint64),
        np.frombuffer(labels, dtype=np.uint64),
        np.frombuffer(sources, dtype=np.uint8),
        list(source_codes),
        np.frombuffer(splits, dtype=np.uint8),
        list(split_codes),
    )


def _key(row: Mapping[str, Any]) -> int:
    return _hash(f"{row['id']}\0{row['question']}".encode(errors="surrogatepass"))


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest())


def _changes(
    old_folder: Path, new_folder: Path, manifests: tuple[Manifest, Manifest], keys: Keys
) -> tuple[Mapping[str, int], tuple[Change, ...]]:
    """Why the labels of these rows changed, and the first of them."""
    wanted = set(keys.tolist())
    before: dict[int, Known] = {
        key: known(row) for key, row in _among(old_folder, manifests[0], wanted)
    }
    guidelines = Guidelines(*manifests)
    counts: Counter[str] = Counter()
    shown: list[Change] = []
    for key, row in _among(new_folder, manifests[1], wanted):
        old, new = before[key], known(row)
        reason = why(old, new, guidelines)
        counts[reason] += 1
        if len(shown) < SHOWN:
            shown.append(Change(row["id"], row["question"], old.value, new.value, reason))
    return dict(counts.most_common()), tuple(shown)


def _among(
    folder: Path, manifest: Manifest, wanted: set[int]
) -> Iterator[tuple[int, dict[str, Any]]]:
    if not wanted:
        return
    for _, row in labels_in(folder, manifest):
        key = _key(row)
        if key in wanted:
            yield key, row


def _gone(folder: Path, keys: Keys) -> Mapping[str, int]:
    """Why rows have no label any more: by what was left out of the labelled set."""
    wanted = set(keys.tolist())
    counts: Counter[str] = Counter()
    if wanted:
        for row in rows_in(folder / LEFT_OUT):
            key = _key(row)
            if row["format"] == LABELS and key in wanted:
                wanted.remove(key)
                counts[row["reason"]] += 1
        counts[NO_ITEM] += len(wanted)
    return dict((+counts).most_common())


def _counted(found: Any) -> dict[Any, int]:
    return dict(Counter(found).most_common())
