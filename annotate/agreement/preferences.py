"""Which of several responses is preferred: how often each wins, and how strong that makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import LEVEL, Floats
from annotate.agreement.measure import Estimate, Measure, Undefined
from annotate.agreement.percent import wilson

_ROUNDS = 100
_SURE_ENOUGH = 1e-10


@dataclass(frozen=True, slots=True)
class Strengths:
    """responses: log strength of each, their mean 0: the odds that one of two is preferred are e to
    the difference. ties: log of Davidson's nu, None where nobody said tie; of two equal responses
    a share nu / (2 + nu) of comparisons are ties. Intervals: 95 %, by the likelihood's curvature.
    """

    responses: tuple[Estimate, ...]
    ties: Estimate | None


def win_rates(wins: NDArray[Any], ties: NDArray[Any]) -> list[Measure]:
    """Of each response, the share of its comparisons that it won, a tie counting half; Wilson's
    interval with the comparisons as trials.

    wins: (k, k), how often i was preferred to j. ties: (k, k), symmetric.
    """
    won = wins.sum(axis=1) + ties.sum(axis=1) / 2
    had = wins.sum(axis=1) + wins.sum(axis=0) + ties.sum(axis=1)
    return [
        Estimate(float(w / h), *wilson(float(w), int(h)), int(h))
        if h
        else Undefined("it was never compared")
        for w, h in zip(won, had, strict=True)
    ]


def bradley_terry(
    wins: NDArray[Any], ties: NDArray[Any], *, names: Sequence[str] | None = None
) -> Strengths | Undefined:
    """Strengths that make these comparisons most likely: Bradley and Terry 1952, ties as Davidson
    1970: a tie of i and j has the chance nu sqrt(p_i p_j) / (p_i + p_j + nu sqrt(p_i p_j)).

    wins: (k, k), how often i was preferred to j. ties: (k, k), symmetric, 0 on the diagonal.
    Undefined where responses fall into groups of which one never won against the other (Ford 1957).
    """
    k = len(wins)
    if k < 2:
        return Undefined("there is only one response")
    apart = _apart(wins + ties)
    if apart is not None:
        group = ", ".join((names[i] if names else str(i)) for i in apart)
        return Undefined(
            f"{group} never lost to or tied with one of the others, or was never compared with "
            "them: no strength is large enough"
        )
    tied = bool(ties.sum())
    at, information = _newton(wins.astype(float), np.triu(ties).astype(float), tied)
    spread = np.sqrt(np.maximum(np.diag(np.linalg.pinv(information)), 0))
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    each = [
        Estimate(float(a), float(a - z * s), float(a + z * s), int(n))
        for a, s, n in zip(at, spread, [*_had(wins, ties), ties.sum() / 2], strict=False)
    ]
    return Strengths(tuple(each[:k]), each[k] if tied else None)


def _had(wins: NDArray[Any], ties: NDArray[Any]) -> list[float]:
    return [float(n) for n in wins.sum(axis=1) + wins.sum(axis=0) + ties.sum(axis=1)]


def _apart(beats: NDArray[Any]) -> list[int] | None:
    """Responses that none of the others ever beat, where not everything is connected both ways."""
    reach = (beats > 0) | np.eye(len(beats), dtype=bool)
    for _ in range(len(beats)):
        reach = (reach.astype(np.int64) @ reach.astype(np.int64)) > 0
    if reach.all():
        return None
    top = int(np.argmin(reach.sum(axis=0)))  # reached by the fewest
    return [int(i) for i in np.flatnonzero(reach[:, top])]


def _newton(wins: Floats, ties: Floats, tied: bool) -> tuple[Floats, Floats]:
    """Log strengths with mean 0, then log nu where there are ties; and the information there.

    The likelihood is concave; steps are halved until they climb.
    """
    at = np.zeros(len(wins) + tied)
    value, slope, information = _likelihood(at, wins, ties, tied)
    for _ in range(_ROUNDS):
        step = np.linalg.pinv(information) @ slope
        for _ in range(30):
            new = _likelihood(at + step, wins, ties, tied)
            if new[0] >= value - 1e-12:
                break
            step = step / 2
        at, (value, slope, information) = at + step, new
        if np.abs(step).max() < _SURE_ENOUGH:
            break
    at[: len(wins)] -= at[: len(wins)].mean()
    return at, information


def _likelihood(at: Floats, wins: Floats, ties: Floats, tied: bool) -> tuple[float, Floats, Floats]:
    """Log likelihood, its gradient and minus its second derivatives, over pairs of responses.

    In each pair the three outcomes are a softmax of three linear functions of the parameters.
    """
    k = len(wins)
    first, second = np.triu_indices(k, 1)
    ways = np.zeros((len(first), 3, len(at)))
    pair = np.arange(len(first))
    ways[pair, 0, first] = ways[pair, 1, second] = 1.0
    ways[pair, 2, first] = ways[pair, 2, second] = 0.5
    if tied:
        ways[:, 2, k] = 1.0
    seen = np.stack([wins[first, second], wins[second, first], ties[first, second]], axis=1)
    logits = ways @ at
    if not tied:
        logits[:, 2] = -np.inf
    top = logits.max(axis=1, keepdims=True)
    log_all = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
    chance = np.exp(logits - log_all[:, None])
    total = seen.sum(axis=1)
    value = float(np.where(seen > 0, seen * np.where(seen > 0, logits, 0), 0).sum())
    value -= float((total * log_all).sum())
    slope = np.einsum("po,poa->a", seen - total[:, None] * chance, ways)
    mean = np.einsum("po,poa->pa", chance, ways)
    second_moment = np.einsum("p,po,poa,pob->ab", total, chance, ways, ways)
    return value, slope, second_moment - np.einsum("p,pa,pb->ab", total, mean, mean)
