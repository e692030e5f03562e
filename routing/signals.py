"""Signs that an item is hard, beside those of `routing.uncertainty`: each a small function.

Scores are (n,), 0 sure .. 1 unsure, NaN where there is nothing to go by: what is missing is left
out, never replaced. `routing.risk.RiskModel` takes any of them by name and learns what each is
worth; entropy, margin and stated confidence of votes are in `routing.uncertainty`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from routing.student import Features, leave_one_out, scaled
from routing.types import NO_VOTE, Labels, Probs, Scores, Votes
from routing.uncertainty import entropy_of, shares

Floats = NDArray[np.float64]

NEIGHBOURS: Final = 10
_BLOCK: Final = 1_000  # rows compared at a time
_IMAGINED: Final = 4.0  # items of average risk that each class starts with
TEXT_SIGNS: Final = ("length", "words", "rare", "digits", "capitals", "marks", "question")


def mean_probs(log_probs: Floats) -> Probs:
    """What several calls gave the labels, on average: (n, k), a row of NaN where no call did.

    log_probs: (n, m, k), natural logs of label probabilities, up to a constant for each call: they
    are made to sum to 1. NaN where not given, -inf for impossible. A call with any NaN, or with
    every label impossible, is left out. ValueError when log_probs is not (n, m, k).

    >>> mean_probs(np.log([[[0.2, 0.2], [0.9, 0.1]], [[np.nan, np.nan], [0.5, 0.5]]])).round(2)
    array([[0.7, 0.3],
           [0.5, 0.5]])
    """
    if log_probs.ndim != 3:
        raise ValueError(f"log_probs has shape {log_probs.shape}, but must be (n, m, k)")
    given = np.asarray(~np.isnan(log_probs).any(axis=2) & (log_probs > -np.inf).any(axis=2))
    probs = softmax(np.where(given[:, :, None], log_probs, 0.0), axis=2)
    count = given.sum(axis=1)[:, None]
    total = np.where(given[:, :, None], probs, 0.0).sum(axis=1)
    mean: Probs = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


def logs(probs: Floats) -> Floats:
    """Natural logs, -inf for 0, for endpoints that give probabilities: any shape, same shape out.

    >>> logs(np.array([1.0, 0.0, np.nan]))
    array([  0., -inf,  nan])
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(probs), dtype=np.float64)


def margin_of(probs: Probs) -> Scores:
    """1 - (largest probability - second largest). probs: (n, k), rows sum to 1 or are NaN.

    >>> margin_of(np.array([[0.75, 0.25], [np.nan, np.nan]]))
    array([0.5, nan])
    """
    ordered = np.sort(probs, axis=1)
    return np.asarray(1 - (ordered[:, -1] - ordered[:, -2]), dtype=np.float64)


def least_confidence(probs: Probs) -> Scores:
    """(1 - largest probability) k / (k - 1), so that all alike is 1. probs: as in `margin_of`.

    >>> least_confidence(np.array([[0.75, 0.25], [0.5, 0.5], [1.0, 0.0]]))
    array([0.5, 1. , 0. ])
    """
    k = probs.shape[1]
    return np.asarray((1 - probs.max(axis=1)) * k / (k - 1), dtype=np.float64)


def models_disagree(votes: Votes, models: Sequence[object], k: int) -> Scores:
    """How far models differ from each other, beyond how far each differs from itself: (n,).

    votes: (n, m). models: which model cast each column's vote, m of them. Jensen-Shannon divergence
    of the models' vote shares (Lin 1991), over the log of how many models could differ: 0 all the
    same, 1 each its own label. A model without a vote on an item is left out there; NaN with fewer
    than two. ValueError when there is not a model for each column.

    >>> votes = np.array([[0, 0, 1, 1], [0, 1, 0, 1], [0, 0, -1, -1]])
    >>> models_disagree(votes, ["a", "a", "b", "b"], k=2)
    array([ 1.,  0., nan])
    """
    if len(models) != votes.shape[1]:
        raise ValueError(f"{len(models)} models are named for {votes.shape[1]} columns of votes")
    names = list(dict.fromkeys(models))
    columns = [[at for at, model in enumerate(models) if model == name] for name in names]
    each = np.stack([shares(votes[:, at], k) for at in columns], axis=1)  # (n, models, k)
    voted = ~np.isnan(each[:, :, 0])
    count = voted.sum(axis=1)
    enough = count >= 2
    result = np.full(len(votes), np.nan)
    if not enough.any():
        return result
    known = np.where(voted[:, :, None], each, 0.0)[enough]
    mean = known.sum(axis=1) / count[enough, None]
    within = np.zeros(known.shape[:2])
    cast = voted[enough]
    within[cast] = entropy_of(each[enough][cast])
    gap = entropy_of(mean) - within.sum(axis=1) / count[enough]
    most = np.log(np.minimum(count[enough], k)) / np.log(k)
    result[enough] = np.clip(gap / most, 0.0, 1.0)
    return result


def student_disagrees(features: Features, labels: Labels, k: int) -> Scores:
    """How little a student that never saw the item's own label believes in it: (n,).

    features: (n, d), see `routing.student`. labels: (n,), the model's, -1 is none. 1 minus the
    leave-one-out share of the label, as in confident learning (Northcutt et al. 2021).
    """
    taught = labels != NO_VOTE
    scores = leave_one_out(features, np.eye(k)[np.maximum(labels, 0)], taught.astype(np.float64))
    share = np.clip(scores, 0.0, None)
    whole = share.sum(axis=1)
    own = share[np.arange(len(labels)), np.maximum(labels, 0)]
    part = np.divide(own, whole, out=np.full(len(labels), 1 / k), where=whole > 0)
    return np.where(taught, 1 - part, np.nan)


def neighbours_disagree(
    features: Features, labels: Labels, *, neighbours: int = NEIGHBOURS
) -> Scores:
    """Share of the most similar labelled items that have another label, weighted by cosine: (n,).

    labels: (n,), the model's or people's, -1 is none: such items are nobody's neighbours, and their
    own score is NaN, as is that of an item which is like no other.

    >>> x = np.array([[1.0, 0.0], [1.0, 0.1], [1.0, 0.2], [0.0, 1.0]])
    >>> neighbours_disagree(x, np.array([0, 0, 1, -1]), neighbours=2).round(2)
    array([0.5, 0.5, 1. , nan])
    """
    rows = scaled(features)
    labelled = np.flatnonzero(labels != NO_VOTE)
    result = np.full(len(labels), np.nan)
    count = min(neighbours, len(labelled) - 1)
    if count < 1:
        return result
    for start in range(0, len(labelled), _BLOCK):
        block = labelled[start : start + _BLOCK]
        alike = rows[block] @ rows[labelled].T
        alike[np.arange(len(block)), start + np.arange(len(block))] = -np.inf  # not oneself
        near = np.argpartition(-alike, count - 1, axis=1)[:, :count]
        weight = np.clip(np.take_along_axis(alike, near, axis=1), 0.0, None)
        other = labels[labelled[near]] != labels[block][:, None]
        whole = weight.sum(axis=1)
        part = (weight * other).sum(axis=1)
        result[block] = np.divide(part, whole, out=np.full(len(block), np.nan), where=whole > 1e-9)
    return result


def class_risk(labels: Labels, human: Labels) -> Scores:
    """How often people contradicted the label the item has, where they answered: (n,).

    labels: (n,), the model's, -1 is none (NaN). human: (n,), -1 where nobody answered. Each label
    starts with four imagined items of the error rate of all, and that with four of one half, so
    that it changes slowly. What people saw was mostly the uncertain: an order, not an estimate.

    >>> class_risk(np.array([0, 0, 1, 1, -1]), np.array([0, -1, 0, -1, 1])).round(2)
    array([0.4, 0.4, 0.6, 0.6, nan])
    """
    seen = (labels != NO_VOTE) & (human != NO_VOTE)
    wrong = seen & (labels != human)
    rate = (wrong.sum() + _IMAGINED / 2) / (seen.sum() + _IMAGINED)
    size = int(labels.max(initial=0)) + 1
    asked = np.bincount(labels[seen], minlength=size)
    errors = np.bincount(labels[wrong], minlength=size)
    of_label = (errors + _IMAGINED * rate) / (asked + _IMAGINED)
    return np.where(labels == NO_VOTE, np.nan, of_label[np.maximum(labels, 0)])


def text_signs(texts: Sequence[str]) -> dict[str, Floats]:
    """Plain features of each text by the names in `TEXT_SIGNS`: (n,) each, no direction known.

    length, words: natural log of 1 + characters, 1 + blank-separated words. rare: share of words
    that no other text has. digits, capitals, marks: share of characters that are digits, capital
    letters, neither letters nor digits nor blanks. question: 1 with a question mark. NaN of an
    empty text, but for length and words.

    >>> signs = text_signs(["Is it 7?", ""])
    >>> signs["digits"], signs["question"], signs["words"].round(2)
    (array([0.125,   nan]), array([ 1., nan]), array([1.39, 0.  ]))
    """
    words = [set(text.split()) for text in texts]
    texts_of: dict[str, int] = {}
    for own in words:
        for word in own:
            texts_of[word] = texts_of.get(word, 0) + 1
    rows = [_signs(text, own, texts_of) for text, own in zip(texts, words, strict=True)]
    columns = np.array(rows, dtype=np.float64).reshape(-1, len(TEXT_SIGNS)).T
    return dict(zip(TEXT_SIGNS, columns, strict=True))


def _signs(text: str, words: set[str], texts_of: dict[str, int]) -> tuple[float, ...]:
    length, cast = np.log1p(len(text)), np.log1p(len(text.split()))
    if not text:
        return (length, cast, *[np.nan] * (len(TEXT_SIGNS) - 2))
    rare = sum(texts_of[word] == 1 for word in words) / max(len(words), 1)
    digits = sum(c.isdigit() for c in text) / len(text)
    capitals = sum(c.isupper() for c in text) / len(text)
    marks = sum(not (c.isalnum() or c.isspace()) for c in text) / len(text)
    return length, cast, rare, digits, capitals, marks, float("?" in text or "？" in text)
