"""What splitting costs, and which near duplicates it finds: `python -m tests.bench.splits [ITEMS]`.

Cost: texts of 20 words, one in 50 a copy, beside splitting the same texts into words and no more;
memory of a tenth of them and of all. Found: pairs of known Jaccard similarity, by how similar.
"""

from __future__ import annotations

import sys
import tracemalloc
from time import process_time

import numpy as np

from annotate.splits.components import alone
from annotate.splits.near import HASHES, SHINGLE, near_duplicates, signatures
from annotate.splits.placing import Rows, draw_of, place
from annotate.splits.plan import SplitPlan

ITEMS = 1_000_000
PAGE = 1000
PAIRS = 2000
LENGTH = 56
"""Words of a text whose near duplicates are counted."""

WORDS = np.array([f"w{number}" for number in range(20_000)])


def texts(page: int) -> list[str]:
    rng = np.random.default_rng(page)
    rows = rng.zipf(1.3, (PAGE, 20)) % len(WORDS)
    rows[1::50] = rows[0::50]
    return [" ".join(row) for row in WORDS[rows]]


def split(items: int) -> tuple[float, float, int]:
    """CPU seconds of it, of a plain split into words, and how many groups there are."""
    signed = np.zeros((items, HASHES), dtype=np.uint8)
    draws = np.zeros(items, dtype=np.uint64)
    spent = plain = 0.0
    for start in range(0, items, PAGE):
        page = texts(start)
        begin = process_time()
        signed[start : start + PAGE] = signatures(page)
        draws[start : start + PAGE] = [draw_of("0", f"{start + at}") for at in range(PAGE)]
        middle = process_time()
        assert sum(len(text.split()) for text in page)
        spent, plain = spent + middle - begin, plain + process_time() - middle
    begin = process_time()
    placed = place(SplitPlan(), Rows(draws, (), signed, {}))
    return spent + process_time() - begin, plain, placed.groups


def found(changed: int) -> tuple[float, float]:
    """Jaccard similarity of texts that differ in so many words far apart, and the share found."""
    rng = np.random.default_rng(changed)
    pairs: list[str] = []
    for words in rng.choice(WORDS, (PAIRS, LENGTH)):
        other = words.copy()
        other[SHINGLE : SHINGLE + SHINGLE * changed : SHINGLE] = "other"
        pairs += [" ".join(words), " ".join(other)]
    labels = near_duplicates(signatures(pairs), SplitPlan().similarity, alone(2 * PAIRS))
    shingles = LENGTH - SHINGLE + 1
    same = shingles - SHINGLE * changed
    return same / (2 * shingles - same), float((labels[0::2] == labels[1::2]).mean())


def main(items: int = ITEMS) -> None:
    for changed in (1, 2, 3, 4, 6):
        similarity, share = found(changed)
        sys.stdout.write(f"similarity {similarity:.2f}: {share:.1%} of {PAIRS:,} pairs together\n")
    spent, plain, groups = split(items)
    sys.stdout.write(
        f"{items:,} items, {groups:,} groups: {1e6 * spent / items:.0f} us of CPU an item, "
        f"{spent / plain:.0f} times a plain split into words\n"
    )
    for count in (items // 10, items):
        tracemalloc.start()
        split(count)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        sys.stdout.write(f"{count:,} items: {peak / count:.0f} bytes an item at most\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
