"""Texts that are nearly the same, found without comparing each with each."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.splits.components import Edges, Labels, components

Signatures = NDArray[np.uint8]
"""(n, HASHES): of each text the lowest byte of the smallest value under each hash."""

HASHES = 128
SHINGLE = 3
"""Words in a shingle; a text of fewer words is one shingle."""
LONGEST = 200_000
"""Characters of a text that are compared."""
SURE = 0.99
"""Chance that two texts which are just similar enough are compared at all."""
ROUNDS = 32
"""Texts of one bucket that the others of it are compared with. The pairs that this leaves out
have as many other buckets to meet in as there are bands."""
COMPARED = 1 << 15
"""Pairs that are held side by side."""

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_WORDS = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
# of a hash, because numpy's generators may change with its version
_DRAWN = np.frombuffer(hashlib.shake_256(b"near duplicates").digest(8 * HASHES), dtype="<u4")
_FACTORS, _ADDED = _DRAWN[:HASHES] | np.uint32(1), _DRAWN[HASHES:]


def signatures(texts: Sequence[str]) -> Signatures:
    """MinHash signatures (Broder 1997; a byte each, Li and König 2010), always the same ones.

    Of word shingles, without case; a Chinese or Japanese character is a word. HASHES bytes a text.
    """
    if not texts:
        return np.empty((0, HASHES), dtype=np.uint8)
    words = [_words(text) for text in texts]
    shingles, starts = _shingles(words)
    found = np.empty((len(texts), HASHES), dtype=np.uint8)
    for at in range(HASHES):
        hashed = shingles * _FACTORS[at] + _ADDED[at]
        found[:, at] = np.minimum.reduceat(hashed, starts).astype(np.uint8)
    return found


def _words(text: str) -> list[str]:
    """At least one, also of a text that has none."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _WORDS.findall(plain.casefold()) or [plain]


def _shingles(texts: Sequence[list[str]]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """A hash of each shingle, text by text, and where those of each text start."""
    lengths = np.array([len(words) for words in texts])
    hashed = np.zeros(lengths.sum() + SHINGLE, dtype=np.uint32)
    hashed[:-SHINGLE] = [zlib.crc32(w.encode(errors="replace")) for words in texts for w in words]
    widths = np.minimum(lengths, SHINGLE)
    counts = lengths - widths + 1
    width = np.repeat(widths, lengths)
    place = np.arange(len(width)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    found = np.zeros(len(width), dtype=np.uint32)
    for at in range(SHINGLE):
        mixed = (found ^ hashed[at : at + len(found)]) * np.uint32(0x9E3779B1)
        found = np.where(width > at, mixed ^ (mixed >> np.uint32(15)), found)
    inside = place < np.repeat(counts, lengths)
    return found[inside], np.cumsum(counts) - counts


def bands(similarity: float) -> tuple[int, int]:
    """How many bands of how many bytes: the widest bands that still compare two texts of this
    similarity with chance SURE.

    >>> bands(0.8), bands(0.5)
    ((21, 6), (42, 3))
    """
    for width in range(8, 1, -1):
        count = HASHES // width
        if 1 - (1 - similarity**width) ** count >= SURE:
            return count, width
    return HASHES, 1


def near_duplicates(signed: Signatures, similarity: float, known: Labels) -> Labels:
    """Which texts hang together: (n,) labels, those of `known` and of similar texts made one.

    similarity: 0..1, of Jaccard. It is estimated; two standard errors are given to it, so that
    pairs just below are taken for similar rather than those just above for different: at 0.8, of
    2,000 pairs of 0.89 all are found, of 0.80 97 %, of 0.71 35 % and of 0.64 1 %
    (`python -m tests.bench.splits`).
    """
    count, width = bands(similarity)
    least = similarity - 2 * (similarity * (1 - similarity) / HASHES) ** 0.5
    labels = known
    for band in range(count):
        keys = _keys(signed[:, band * width : (band + 1) * width])
        edges = list(_alike(signed, keys, least, labels))
        if edges:
            labels = components(labels, np.concatenate(edges))
    return labels


def _keys(part: Signatures) -> NDArray[np.uint64]:
    keys = np.zeros(len(part), dtype=np.uint64)
    for at in range(part.shape[1]):
        keys |= part[:, at].astype(np.uint64) << np.uint64(8 * at)
    return keys


def _alike(
    signed: Signatures, keys: NDArray[np.uint64], least: float, labels: Labels
) -> Iterator[Edges]:
    """Similar pairs among texts with the same key: all of a bucket with its first, then those
    that are not like that one with the first of themselves, and so on."""
    if not len(keys):
        return
    rest = np.argsort(keys, kind="stable")
    for _ in range(ROUNDS):
        starts = np.concatenate([[True], keys[rest[1:]] != keys[rest[:-1]]])
        first = rest[np.flatnonzero(starts)][np.cumsum(starts) - 1]
        other = ~starts
        first, rest = first[other], rest[other]
        if not len(rest):
            return
        together = labels[first] == labels[rest]
        ask = np.flatnonzero(~together)
        together[ask] = _estimated(signed, first[ask], rest[ask]) >= least
        found = together.copy()
        found[found] = labels[first[found]] != labels[rest[found]]
        yield np.stack([first[found], rest[found]], axis=1)
        rest = rest[~together]
        if not len(rest):
            return


def _estimated(
    signed: Signatures, left: NDArray[np.intp], right: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Jaccard similarity of pairs: the share of equal bytes, less what is equal by chance."""
    found = np.empty(len(left))
    for at in range(0, len(left), COMPARED):
        part = slice(at, at + COMPARED)
        found[part] = (signed[left[part]] == signed[right[part]]).mean(axis=1)
    return (found - 1 / 256) / (1 - 1 / 256)
