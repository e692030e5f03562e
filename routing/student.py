"""A small model that learns labels from the items themselves: ridge regression in closed form.

Its scores are leave-one-out: what an item's own label says never enters the item's own score, so
that scores of labelled and unlabelled items mean the same and can be used to train on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float64]

DIMS: Final = 120
MAX_TERMS: Final = 30_000
PENALTY: Final = 1.0
# Words of two characters or more; Chinese and Japanese, written without spaces, by character.
_TOKEN: Final = r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]{2,}"
_LENGTH: Final = 0.3  # of a feature row of length 1, for one unit of log length
_TRACE: Final = 1e-9
_ALMOST_ALL: Final = 0.999  # of a score may come from the item itself before we stop dividing


def text_features(texts: Sequence[str], *, dims: int = DIMS, seed: int = 0) -> Features:
    """What the texts are about, as rows of length 1: (n, d), d <= dims.

    TF-IDF of words and pairs of words, then the largest singular vectors. A text that shares no
    word with another is a row of zeros; d is 0 when no two texts share a word. The same texts and
    seed give the same features. ValueError when dims < 1.

    >>> text_features(["red car", "red bus", "blue car", "blue bus"], dims=3).shape
    (4, 3)
    >>> text_features(["one", "two"]).shape, text_features(["a cat, a dog"] * 3).shape
    ((2, 0), (3, 3))
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    if dims < 1:
        raise ValueError(f"dims is {dims}, but must be at least 1")
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2),
        sublinear_tf=True,
        min_df=2,
        max_features=MAX_TERMS,
        token_pattern=_TOKEN,
    )
    try:
        terms = vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn's word for "no term is left"
        return np.zeros((len(texts), 0))
    rank = min(dims, *terms.shape)
    if rank == terms.shape[1]:  # fewer terms than dimensions: nothing to reduce
        return scaled(terms.toarray())
    # it also divides by the variance, which is 0 where all texts are alike; we do not need that
    with np.errstate(invalid="ignore", divide="ignore"):
        reduced = TruncatedSVD(rank, random_state=seed).fit_transform(terms)
    return scaled(reduced)


def scaled(vectors: NDArray[np.floating]) -> Features:
    """Rows divided by their length, rows of zeros left as they are: (n, d) -> (n, d) float64.

    >>> scaled(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    rows = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Features = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-12)
    return result


def reduced(vectors: NDArray[np.floating], *, dims: int = DIMS) -> Features:
    """The directions in which vectors differ most, rows of length 1: (n, d) -> (n, min(d, dims)).

    For embeddings: a few hundred dimensions cost more time than they are worth.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    centred = rows - rows.mean(axis=0) if len(rows) else rows
    _, directions = np.linalg.eigh(centred.T @ centred)
    return scaled(centred @ directions[:, ::-1][:, :dims])


def pair_features(one: Features, other: Features, lengths: NDArray[np.integer]) -> Features:
    """What one answer has and the other has not: (n, d + 1), changes sign when they are swapped.

    For preferences. Features of the two texts taken together would learn topics, which say nothing
    about which side is better. one, other: (n, d). lengths: (n, 2), characters of each answer; the
    last feature is the log of their ratio, so that a taste for long answers can be learned.

    >>> x = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> pair_features(*x, np.array([[271, 99]])).round(2)
    array([[ 0.71, -0.71,  0.3 ]])
    """
    logs = np.log1p(lengths.astype(np.float64))
    return np.hstack([scaled(one - other), _LENGTH * (logs[:, :1] - logs[:, 1:])])


def leave_one_out(
    features: Features,
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    penalty: float = PENALTY,
) -> NDArray[np.float64]:
    """Each row's score by a ridge regression that did not see that row's target: (n, k).

    features: (n, d). targets: (n, k), any numbers. weights: (n,), 0 or more; a row of weight 0
    teaches nothing and gets an ordinary prediction. penalty: above 0, on all coefficients but not
    the constant. With no weight at all every score is 0. ValueError when shapes differ, a weight is
    negative or the penalty is not above 0.

    >>> x = np.array([[1.0], [1.0], [-1.0], [-1.0]])
    >>> y = np.array([[1.0], [1.0], [0.0], [0.0]])
    >>> leave_one_out(x, y, np.ones(4)).round(2).ravel()
    array([0.82, 0.82, 0.18, 0.18])
    """
    _check(features, targets, weights, penalty)
    if not weights.any():
        return np.zeros_like(targets)
    rows = np.hstack([np.ones((len(features), 1)), features])
    used = weights > 0
    scaled_rows = rows[used] * np.sqrt(weights[used])[:, None]
    gram = scaled_rows.T @ scaled_rows
    gram[np.diag_indices_from(gram)] += penalty
    gram[0, 0] -= penalty * (1 - _TRACE)  # the constant is free; a trace keeps it solvable
    factor = np.linalg.inv(np.linalg.cholesky(gram))  # gram's inverse is factor' @ factor
    taught = factor @ ((rows[used] * weights[used, None]).T @ targets[used])
    fitted: NDArray[np.float64] = rows @ (factor.T @ taught)
    own = ((scaled_rows @ factor.T) ** 2).sum(axis=1)[:, None]
    own = np.minimum(own, _ALMOST_ALL)
    fitted[used] = (fitted[used] - own * targets[used]) / (1 - own)
    return fitted


def _check(
    features: Features, targets: NDArray[np.float64], weights: NDArray[np.float64], penalty: float
) -> None:
    n = len(features)
    if features.ndim != 2 or targets.ndim != 2 or targets.shape[0] != n or weights.shape != (n,):
        raise ValueError(
            f"features {features.shape}, targets {targets.shape} and weights {weights.shape} must "
            f"be (n, d), (n, k) and (n,)"
        )
    if not (weights >= 0).all():
        raise ValueError(f"weights holds {weights[~(weights >= 0)][0]}, but a weight is 0 or more")
    if not penalty > 0:
        raise ValueError(f"penalty is {penalty}, but must be above 0")
