"""Made-up items and annotators of given skill, to try routers on before anything is paid for.

What real sets taught is built in: calls of one model err together (8 prompts of one model are worth
about two votes), errors gather in some topics, and stated confidence says a little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.evidence import Evidence
from routing.student import scaled
from routing.types import Confidences, Labels, Votes

Floats = NDArray[np.float64]

DIMS: Final = 16  # of the features of made-up items
_NOISE: Final = 0.25  # in them, where topics are 1 apart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Annotator:
    """A model, or anyone, who answers each item `calls` times.

    skill: chance of the right label, 0..1, any other label being as likely as the next; or the
    chance of each answer (column) to each truth (row), (k, k), rows summing to 1.
    alike: 0..1, chance that a further call says what the first one said, without thinking anew.
    sureness: 0 states no confidence; above, how much more is stated on average with a right answer.
    """

    skill: Floats | float
    calls: int = 1
    alike: float = 0.7
    sureness: float = 0.0


def confusion(skill: Floats | float, k: int) -> Floats:
    """Chance of each answer (column) to each truth (row): (k, k), rows sum to 1.

    ValueError when it is no such thing.

    >>> confusion(0.7, 3).round(2)
    array([[0.7 , 0.15, 0.15],
           [0.15, 0.7 , 0.15],
           [0.15, 0.15, 0.7 ]])
    """
    if isinstance(skill, np.ndarray):
        rows = np.asarray(skill, dtype=np.float64)
    else:
        rows = np.where(np.eye(k, dtype=bool), skill, (1 - skill) / (k - 1))
    if rows.shape != (k, k) or (rows < 0).any() or not np.allclose(rows.sum(axis=1), 1):
        raise ValueError(
            f"skill must be a chance 0..1, or ({k}, {k}) chances whose rows sum to 1, not {skill}"
        )
    return rows


def made_up(
    n: int,
    k: int,
    annotators: Sequence[Annotator],
    *,
    seed: int,
    topics: int = 8,
    uneven: float = 0.5,
) -> tuple[Evidence, Labels]:
    """n items with k classes as the annotators see them, and the truth, (n,).

    topics: items have one each; it shows in their features, (n, 16), and in how frequent the
    classes are. uneven: 0..1, how much errors gather in topics: each annotator's errors are up to
    so much more or less frequent in each. The same arguments make the same set.
    """
    rng = np.random.default_rng(seed)
    topic = rng.integers(topics, size=n)
    truth = _pick(rng.dirichlet(np.ones(k), size=topics)[topic], rng)
    features = scaled(rng.normal(size=(topics, DIMS))[topic] + rng.normal(size=(n, DIMS)) * _NOISE)
    votes, stated, models = [], [], []
    for at, annotator in enumerate(annotators):
        factor = 1 + uneven * rng.uniform(-1, 1, size=topics)[topic]
        said, sure = _answers(truth, annotator, k, factor, rng)
        votes.append(said)
        stated.append(sure)
        models += [at] * annotator.calls
    told = np.hstack(stated)
    evidence = Evidence(
        np.hstack(votes),
        k,
        confidences=None if np.isnan(told).all() else told,
        features=(features,),
        models=models,
    )
    return evidence, truth


def _answers(
    truth: Labels, annotator: Annotator, k: int, factor: Floats, rng: np.random.Generator
) -> tuple[Votes, Confidences]:
    rows = confusion(annotator.skill, k)[truth]
    right = np.arange(k) == truth[:, None]
    wrong = np.where(right, 0.0, rows) * factor[:, None]
    wrong /= np.maximum(wrong.sum(axis=1, keepdims=True), 1.0)  # chances stay chances
    chances = np.where(right, 1 - wrong.sum(axis=1, keepdims=True), wrong)
    anew = np.stack([_pick(chances, rng) for _ in range(annotator.calls)], axis=1)
    same = rng.random(anew.shape) < annotator.alike
    votes = np.where(same, anew[:, :1], anew)
    noise = rng.normal(scale=0.1, size=votes.shape)
    sure = 0.85 - annotator.sureness * (votes != truth[:, None]) + noise
    stated = np.clip(sure, 0.0, 1.0) if annotator.sureness else np.full(votes.shape, np.nan)
    return votes, stated


def _pick(chances: Floats, rng: np.random.Generator) -> Labels:
    """A label for each row, with the row's chances: (n, k) -> (n,)."""
    reached = np.cumsum(chances, axis=1)
    picked: Labels = (rng.random(len(chances))[:, None] >= reached[:, :-1]).sum(axis=1)
    return picked
