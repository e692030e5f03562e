"""Votes, stated confidences and probabilities -> scores, 0 sure .. 1 unsure.

The measures of CoAnnotating (Li et al., EMNLP 2023, arXiv 2310.15638): each item is asked with m
different prompts, and how far the answers disagree says who should label it.

Equal vote counts give bit-equal scores, in whatever order votes and labels come: few distinct
values exist, a budget nearly always cuts through a tie, and rounding must not decide it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from routing.types import NO_VOTE, Confidences, Labels, Probs, Scores, Votes

_BLOCK_CELLS = 1 << 18  # work in slices that stay in cache: memory above the result is constant
_SUM_TOLERANCE = 1e-4  # rows of float32 probabilities sum to 1 only roughly


def counts(votes: Votes, k: int) -> NDArray[np.int32]:
    """Votes for each label. votes: (n, m), 0..k-1 or -1 for no vote. Returns (n, k).

    ValueError when k < 2, votes is not a 2-d integer array, or a vote is outside -1..k-1.

    >>> counts(np.array([[0, 0, 0, 1, 1], [2, -1, 2, -1, -1]]), k=3)
    array([[3, 2, 0],
           [0, 0, 2]], dtype=int32)
    """
    _check_votes(votes, k)
    result = np.empty((len(votes), k), dtype=np.int32)
    for rows in _blocks(votes, k):
        result[rows] = _count(votes[rows], k)
    return result


def shares(votes: Votes, k: int) -> Probs:
    """Share of the valid votes that each label got. Returns (n, k); a row of NaN has no vote.

    votes: (n, m), as in `counts`, with the same errors.

    >>> shares(np.array([[0, 0, 1, -1, 0], [-1, -1, -1, -1, -1]]), k=2)
    array([[0.75, 0.25],
           [ nan,  nan]])
    """
    return _shares(counts(votes, k))


def majority(votes: Votes, k: int) -> Labels:
    """Label with most votes. Returns (n,): 0..k-1, or -1 where no vote is valid.

    A tie goes to the label with most votes over all items, then to the lowest index.
    votes: (n, m), as in `counts`, with the same errors.

    >>> majority(np.array([[0, 1], [1, 1], [-1, 0], [-1, -1]]), k=2)
    array([ 1,  1,  0, -1])
    """
    counted = counts(votes, k)
    # argmax takes the first of equals, so let the labels stand in the order that wins ties
    order = np.argsort(-counted.sum(axis=0), kind="stable")
    winner = order[counted[:, order].argmax(axis=1)]
    return np.where(counted.any(axis=1), winner, NO_VOTE)


def entropy(votes: Votes, k: int) -> Scores:
    """Shannon entropy of the vote shares divided by log k: 0 is sure, 1 is unsure.

    votes: (n, m), as in `counts`, with the same errors. Returns (n,); NaN without a valid vote.

    CoAnnotating, section 3.2: u_i = -sum_c f_ic ln f_ic, with f_ic the share of label c among the
    answers about item i. Two differences: an answer that could not be read is no vote here and an
    extra class there; and log k brings questions with different numbers of labels to one scale.

    >>> entropy(np.array([[0, 0, 0, 1, 1], [1, 1, 1, 1, 1], [-1, -1, -1, -1, -1]]), k=2).round(5)
    array([0.97095, 0.     ,     nan])
    """
    _check_votes(votes, k)
    result = np.empty(len(votes))
    for rows in _blocks(votes, k):
        result[rows] = _entropy(_shares(_count(votes[rows], k)))
    return result


def entropy_of(probs: Probs) -> Scores:
    """Shannon entropy divided by log k: 0 is sure, 1 is unsure.

    probs: (n, k), k >= 2, rows sum to 1, or are all NaN. Returns (n,); NaN for a row of NaN.
    ValueError for another shape, a probability outside 0..1, or a row that does not sum to 1.

    >>> entropy_of(np.array([[0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0.0, 0.0]]))
    array([1. , 0.5])
    """
    if probs.ndim != 2:
        raise ValueError(f"probs has shape {probs.shape}, but must be (items, labels)")
    _check_k(probs.shape[1])
    result = np.empty(len(probs))
    for rows in _blocks(probs, 0):
        block = np.asarray(probs[rows], dtype=np.float64)
        _check_probs(block, rows.start)
        result[rows] = _entropy(block)
    return result


def margin(votes: Votes, k: int) -> Scores:
    """1 - (share of the first label - share of the second): 0 is unanimous, 1 is a tie.

    votes: (n, m), as in `counts`, with the same errors. Returns (n,); NaN without a valid vote.

    >>> margin(np.array([[0, 0, 0, 1, 2], [0, 0, 1, 1, 2], [2, 2, 2, 2, -1]]), k=3)
    array([0.6, 1. , 0. ])
    """
    counted = counts(votes, k)
    total = counted.sum(axis=1)
    counted.partition(k - 2, axis=1)
    lead = counted[:, -1] - counted[:, -2]
    return 1 - _divide(lead, total)


def confidence(confidences: Confidences, *, votes: Votes | None = None) -> Scores:
    """1 - mean stated confidence: 0 is sure, 1 is unsure. CoAnnotating's self-evaluation.

    confidences: (n, m), 0..1, NaN where none was stated. votes: (n, m), to leave out what was
    stated with an answer that is no vote (-1). Returns (n,); NaN where nothing was stated.

    ValueError when a confidence is outside 0..1 or the shapes are not one (n, m).

    >>> confidence(np.array([[0.75, 0.25], [np.nan, 0.75], [np.nan, np.nan]]))
    array([0.5 , 0.25,  nan])
    >>> confidence(np.array([[0.75, 0.25]]), votes=np.array([[1, -1]]))
    array([0.25])
    """
    _check_confidences(confidences)
    stated = np.sort(_of_valid_votes(confidences, votes), axis=1)  # one order: bit-equal sums
    return 1 - _divide(np.nansum(stated, axis=1), (~np.isnan(stated)).sum(axis=1))


def _of_valid_votes(confidences: Confidences, votes: Votes | None) -> Confidences:
    if votes is None:
        return confidences
    if votes.shape != confidences.shape:
        raise ValueError(
            f"votes has shape {votes.shape}, but confidences has {confidences.shape}; "
            f"each confidence belongs to one vote"
        )
    return np.where(votes == NO_VOTE, np.nan, confidences)


def _count(votes: Votes, k: int) -> NDArray[np.int64]:
    """(n, k) counts of a block: one bincount over item and label, -1 in a column cut off again."""
    n = len(votes)
    cells = votes.astype(np.int64) + 1
    cells += (k + 1) * np.arange(n)[:, None]
    return np.bincount(cells.ravel(), minlength=n * (k + 1)).reshape(n, k + 1)[:, 1:]


def _shares(counted: NDArray[np.integer]) -> Probs:
    return _divide(counted, counted.sum(axis=1, keepdims=True))


def _divide(part: NDArray[np.generic], whole: NDArray[np.generic]) -> NDArray[np.float64]:
    """part / whole, NaN where whole is 0. One division: equal ratios give equal bits."""
    result = np.full(part.shape, np.nan)
    np.divide(part, whole, out=result, where=whole != 0)
    return result


def _entropy(probs: Probs) -> Scores:
    """(n,) from (n, k). Sorted, because a sum of floats depends on the order of its terms."""
    from scipy.special import entr

    terms: Probs = entr(np.sort(probs, axis=1))
    scores: Scores = terms.sum(axis=1) / np.log(probs.shape[1])
    return scores.clip(0.0, 1.0)


def _blocks(array: NDArray[np.generic], k: int) -> Iterator[slice]:
    n, m = array.shape
    step = max(1, _BLOCK_CELLS // (m + k + 1))
    return (slice(start, min(start + step, n)) for start in range(0, n, step))


def _check_k(k: int) -> None:
    if k < 2:
        raise ValueError(f"k is {k}, but uncertainty needs at least 2 labels")


def _check_votes(votes: Votes, k: int) -> None:
    _check_k(k)
    if votes.ndim != 2:
        raise ValueError(f"votes has shape {votes.shape}, but must be (items, votes per item)")
    if not np.issubdtype(votes.dtype, np.integer):
        raise ValueError(f"votes has dtype {votes.dtype}, but must hold label indices (integers)")
    if votes.size and (votes.max() >= k or votes.min() < NO_VOTE):
        item, vote = np.argwhere((votes >= k) | (votes < NO_VOTE))[0]
        raise ValueError(
            f"votes[{item}, {vote}] is {votes[item, vote]}, but with k = {k} labels a vote is "
            f"0..{k - 1}, or -1 for none"
        )


def _check_probs(probs: Probs, first_item: int) -> None:
    wrong = (probs < 0) | (probs > 1)
    if wrong.any():
        item, label = np.argwhere(wrong)[0]
        cell = f"probs[{first_item + item}, {label}]"
        raise ValueError(f"{cell} is {probs[item, label]}, but a probability is 0..1")
    total = probs.sum(axis=1)
    good = np.isnan(probs).all(axis=1) | (np.abs(total - 1) <= _SUM_TOLERANCE)
    if not good.all():
        item = int(np.flatnonzero(~good)[0])
        raise ValueError(
            f"probs[{first_item + item}] sums to {total[item]}, but a row sums to 1 or is all NaN"
        )


def _check_confidences(confidences: Confidences) -> None:
    if confidences.ndim != 2:
        raise ValueError(
            f"confidences has shape {confidences.shape}, but must be (items, votes per item)"
        )
    wrong = (confidences < 0) | (confidences > 1)
    if wrong.any():
        item, vote = np.argwhere(wrong)[0]
        raise ValueError(
            f"confidences[{item}, {vote}] is {confidences[item, vote]}, but a confidence is 0..1, "
            f"or NaN if none was stated"
        )
