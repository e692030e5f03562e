"""Several looks at one single-label question, so that their disagreement means something.

One encoder gives one opinion. Wording the labels in five ways and reading four thinned copies of
the item gives nine, and items on which the nine split are the ones it tends to get wrong.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotate.llm import variants
from annotate.llm.local.encoder import Encoder, Vectors, clip
from annotate.llm.local.tfidf import CJK, has_cjk

Labels = NDArray[np.intp]

ENGLISH: Final = (
    "{full}",
    "This text is about {meaning}.",
    "An example of {full}.",
    "{question} {full}",
    "The topic is {name}.",
)
CHINESE: Final = (
    "{full}",
    "这段文字是关于{meaning}的。",
    "例如{full}。",
    "{question}{full}",
    "主题是{name}。",
)
COPIES: Final = len(variants.DROPOUTS)
VIEWS: Final = variants.VIEWS
DROP_SHARE: Final = 0.3
TEMPERATURE: Final = 0.05
DESCRIPTION_WEIGHT: Final = 10.0

_UNIT: Final = re.compile(rf"\s*(?:[{CJK}]|[^\s{CJK}]+)")


@dataclass(frozen=True, slots=True)
class LabelText:
    """What a person reads of a label; the description may be empty."""

    name: str
    description: str = ""


def wordings(labels: Sequence[LabelText], question_text: str = "") -> list[list[str]]:
    """Five lists of k sentences, in Chinese when a label or the question is.

    >>> [wording[0] for wording in wordings([LabelText("bug_report", "it breaks.")])][:2]
    ['bug report: it breaks', 'This text is about it breaks.']
    """
    shown = [question_text, *(f"{label.name}{label.description}" for label in labels)]
    chinese = any(has_cjk(text) for text in shown)
    question = question_text.strip() or ("这是什么？" if chinese else "What is this?")
    return [
        [template.format(question=question, **_parts(label, chinese)) for label in labels]
        for template in (CHINESE if chinese else ENGLISH)
    ]


def label_matrix(encoder: Encoder, labels: Sequence[LabelText], question_text: str = "") -> Vectors:
    """(5, k, d) unit vectors of the k labels in five wordings."""
    sentences = wordings(labels, question_text)
    flat = encoder.encode([sentence for wording in sentences for sentence in wording])
    return flat.reshape(len(sentences), len(labels), encoder.dim)


def item_matrix(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """(5, n, d): the n texts as they are, then four copies of them with words dropped."""
    copies = [drop(text, copy) for copy in range(1, COPIES + 1) for text in texts]
    return encoder.encode([*texts, *copies]).reshape(1 + COPIES, len(texts), encoder.dim)


def drop(text: str, copy: int, share: float = DROP_SHARE) -> str:
    """`text` without `share` of its words (CJK: characters), at least one; always the same ones.

    Text of one word stays. Reads what an encoder would read, so a long text is cut.

    >>> drop("退款", 1) in ("退", "款"), drop("refund", 1)
    (True, 'refund')
    """
    units = _UNIT.findall(clip(text))
    if len(units) < 2:
        return text
    digest = hashlib.sha256(f"{copy}:{text}".encode("utf-8", "replace")).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    lost = set(rng.permutation(len(units))[: max(1, round(share * len(units)))].tolist())
    return "".join(unit for at, unit in enumerate(units) if at not in lost).strip()


def prototypes(
    label_vectors: Vectors,
    example_vectors: Vectors,
    example_labels: Labels,
    *,
    weight: float = DESCRIPTION_WEIGHT,
) -> Vectors:
    """(k, d) unit vectors: `weight` times the label's own, plus every item labelled with it.

    label_vectors: (k, d); example_vectors: (m, d), m may be 0; example_labels: (m,) in 0..k-1,
    else ValueError. Against no labels, on two English and one Chinese set, a weight of 10 lost
    at most 0.01 of accuracy with 25 labels and gained up to 0.07 with 100, where a logistic
    regression lost 0.05 to 0.28 with 25.
    """
    k = len(label_vectors)
    if len(example_vectors) != len(example_labels):
        raise ValueError(f"{len(example_vectors)} vectors, {len(example_labels)} labels")
    if np.any((example_labels < 0) | (example_labels >= k)):
        raise ValueError(f"a label of an example is not in 0..{k - 1}")
    total: Vectors = np.float32(weight) * label_vectors
    if len(example_labels):
        np.add.at(total, example_labels, example_vectors)
    lengths = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.where(lengths == 0, 1, lengths), np.float32)


def view_probabilities(
    items: Vectors, labels: Vectors, *, temperature: float = TEMPERATURE
) -> dict[str, NDArray[np.float64]]:
    """View name -> (n, k) probabilities, rows sum to 1, in the order of `VIEWS`.

    items: (5, n, d) of `item_matrix`; labels: (5, k, d), the wordings or their prototypes.
    A wording meets the whole items; a thinned copy meets the first wording, the best single one.
    """
    whole, *copies = items
    scores = [whole @ wording.T for wording in labels] + [copy @ labels[0].T for copy in copies]
    return {view: softmax(score / temperature) for view, score in zip(VIEWS, scores, strict=True)}


def votes(probabilities: Mapping[str, NDArray[np.float64]]) -> dict[str, Labels]:
    """View name -> (n,) index of its most probable label.

    The i-th view gives its vote to the i-th of equals, going round: were it always the first, the
    views would agree on an item of which the encoder recognises nothing.
    """
    return {view: _top(rows, turn) for turn, (view, rows) in enumerate(probabilities.items())}


def _top(rows: NDArray[np.float64], turn: int) -> Labels:
    equals = rows == rows.max(1, keepdims=True)
    chosen = turn % equals.sum(1, keepdims=True)
    return np.asarray((equals & (equals.cumsum(1) - 1 == chosen)).argmax(1))


def softmax(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """exp(scores) along the last axis, scaled to sum to 1."""
    wide = scores.astype(np.float64)
    powers = np.exp(wide - wide.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def _parts(label: LabelText, chinese: bool) -> dict[str, str]:
    name = re.sub(r"[_\s]+", " ", label.name).strip()
    meaning = " ".join(label.description.split()).rstrip(".。")
    full = f"{name}{'：' if chinese else ': '}{meaning}" if meaning else name
    return {"name": name, "meaning": meaning or name, "full": full}
