"""Human-labelled examples that are like an item: near in their words, and even over the answers."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from annotate.hashing import digest
from annotate.llm.local.encoder import clip
from annotate.llm.local.tfidf import CJK, FUNCTION_WORDS
from annotate.llm.prompts import Example
from annotate.model import Item

Similarities = NDArray[np.float32]

POOL = 2_000
"""Examples that a round freezes at most. With more, the nearest one hardly gets nearer, while a
round stores their ids (100 kB for these) and every look-up takes longer."""

REMEMBERED = 256
"""Items whose examples are kept: every call of an item asks for them, in short order."""


class ExamplePool:
    """Examples to choose from, item by item. The same pool and item give the same choice anywhere.

    Likeness is the cosine of TF-IDF over words and pieces of them (`terms`). The nearest of all
    others has the item's own label for 38 % of 300 English messages of six kinds, and for 41 % of
    100 Chinese ones of five; other pieces give the same within 5 points, but whole words alone
    20 % in Chinese.

    One core looks up 1,000 items of 50 words a second among 2,000 examples of that length, which
    take 6 MB, and 300 of 500 words, which take 16 MB; no more than 4,000 characters are read.
    """

    def __init__(self, examples: Iterable[Example], fields: Sequence[str]) -> None:
        """fields: the item fields that are shown, and so are compared."""
        self._fields = tuple(fields)
        # equally near ones keep this order, which no import order or clock has a part in
        self._examples = sorted(examples, key=lambda example: digest(example.item.id))
        self._of_id = {example.item.id: [at] for at, example in enumerate(self._examples)}
        self._of_text: dict[str, list[int]] = defaultdict(list)
        for at, example in enumerate(self._examples):
            self._of_text[self._key(example.item)].append(at)
        answers = [digest(example.value) for example in self._examples]
        self._answers = np.unique(answers, return_inverse=True)[1].astype(np.int32)
        self._index = _Index([self._text(example.item) for example in self._examples])
        self._known: dict[tuple[str, int], tuple[Example, ...]] = {}

    def __len__(self) -> int:
        return len(self._examples)

    def nearest(self, item: Item, k: int) -> tuple[Example, ...]:
        """Up to k examples for a prompt about `item`; the most similar one stands last.

        Answers take turns: each gives its nearest example, then each its second, and so on; the
        answer with the nearest example of all comes first. So no answer fills the prompt because
        it is frequent. The order of the prompt is that order from its end: models lean towards
        what they read last, and towards the answer that they read most, so the last turn before
        the question is the likeliest one, and no answer stands there twice.

        The item itself is never chosen, nor one with the same text (`same_text`).
        """
        if k < 1 or not self._examples:
            return ()
        if (item.id, k) not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[item.id, k] = self._nearest(item, k)
        return self._known[item.id, k]

    def _nearest(self, item: Item, k: int) -> tuple[Example, ...]:
        allowed = np.ones(len(self._examples), dtype=bool)
        allowed[self._of_text.get(self._key(item), [])] = False
        allowed[self._of_id.get(item.id, [])] = False
        # rounded, so that the last bit of a logarithm does not decide between equals
        similarities = self._index.similarities(self._text(item)).round(5)
        order = np.argsort(-similarities, kind="stable")
        chosen = _in_turn(order[allowed[order]], self._answers, k)
        return tuple(self._examples[at] for at in chosen[::-1])

    def _text(self, item: Item) -> str:
        return "\n".join(item.fields[name] for name in self._fields)

    def _key(self, item: Item) -> str:
        return same_text(item.fields[name] for name in self._fields)


def same_text(texts: Iterable[str]) -> str:
    """One name for all texts that differ only in case, width, blanks or punctuation at the ends.

    >>> same_text(["Great!!"]) == same_text([" ｇｒｅａｔ"])
    True
    >>> same_text(["5.0"]) == same_text(["50"])
    False
    """
    return digest([_folded(text) for text in texts])


def terms(text: str) -> list[str]:
    """What two texts can have in common: words, their pieces of four letters, a blank for where a
    word ends; of texts written without blanks, characters and pairs of them.

    >>> terms("退款 to Oslo")
    ['退', '款', '退款', 'oslo', ' osl', 'oslo', 'slo ']
    """
    found: list[str] = []
    folded = clip(text).casefold()
    for run in _CJK_RUN.findall(folded):
        found += run
        found += map("".join, pairwise(run))
    for word in _WORD.findall(folded):
        if word not in FUNCTION_WORDS:
            found += _pieces(word)
    return found


class _Index:
    """Texts as TF-IDF vectors, by term: looking one up reads what has its terms and nothing else.

    For one text at a time that takes a fifth of the time of transform and sparse product.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._count = len(texts)
        self._vocabulary: dict[str, int] = {}
        if not texts:
            return
        from sklearn.feature_extraction.text import TfidfVectorizer

        # what a tenth of the texts have in common tells none apart, and takes most of the time
        most = max(len(texts) // 10, 50)
        vectorizer = TfidfVectorizer(
            analyzer=terms, sublinear_tf=True, max_df=most, dtype=np.float32
        )
        try:
            vectors = vectorizer.fit_transform(texts)
        except ValueError:  # no text has a word, or none that is its own
            return
        by_term = vectors.tocsc()
        self._rows, self._values = by_term.indices, by_term.data
        self._starts, self._sizes = by_term.indptr[:-1], np.diff(by_term.indptr)
        self._vocabulary = vectorizer.vocabulary_
        self._weights: Similarities = vectorizer.idf_.astype(np.float32)

    def similarities(self, text: str) -> Similarities:
        """(n,) 0 and up, higher is nearer; their scale is this text's own."""
        counts = Counter(term for term in terms(text) if term in self._vocabulary)
        if not counts:
            return np.zeros(self._count, np.float32)
        at = np.fromiter(map(self._vocabulary.__getitem__, counts), np.intp, len(counts))
        times = np.fromiter(counts.values(), np.float32, len(counts))
        weights = (1 + np.log(times)) * self._weights[at]
        sizes = self._sizes[at]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        cells = np.repeat(self._starts[at], sizes) + within
        products = self._values[cells] * np.repeat(weights, sizes)
        found = np.bincount(self._rows[cells], products, minlength=self._count)
        return found.astype(np.float32)


def _in_turn(order: NDArray[np.intp], answers: NDArray[np.int32], k: int) -> list[int]:
    """The first k of `order`, best first, when answers take turns, that of the best one first.

    >>> _in_turn(np.array([0, 1, 2, 3, 4]), np.array([7, 7, 7, 5, 5], np.int32), 4)
    [0, 3, 1, 4]
    """
    given = answers[order]
    by_answer = np.argsort(given, kind="stable")
    starts = np.flatnonzero(np.diff(given[by_answer], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    turn = np.arange(len(order)) - np.repeat(starts, sizes)
    best = np.repeat(by_answer[starts], sizes)  # the place of the answer's nearest
    soon = turn < k
    chosen = by_answer[soon][np.lexsort((best[soon], turn[soon]))][:k]
    found: list[int] = order[chosen].tolist()
    return found


def _folded(text: str) -> str:
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded.strip(_MARKS) or folded


@lru_cache(1 << 14)
def _pieces(word: str) -> tuple[str, ...]:
    closed = f" {word} "
    return (word, *(closed[at : at + 4] for at in range(len(closed) - 3)))


_CJK_RUN = re.compile(f"[{CJK}]+")
_WORD = re.compile(rf"[^\W{CJK}]+")
_MARKS = f"{string.punctuation} 。、“”‘’「」『』《》【】«»"
