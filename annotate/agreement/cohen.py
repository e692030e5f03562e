"""Cohen's kappa of two raters, unweighted (1960) or weighted (1968)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import DRAWS, Floats, Statistic, measured
from annotate.agreement.distances import Weighting
from annotate.agreement.distances import weights as weights_of
from annotate.agreement.measure import Measure
from annotate.agreement.tables import NO_BOTH, only_class


def cohen_kappa(
    confusion: NDArray[Any],
    weighting: Weighting | Floats = "none",
    *,
    names: Sequence[str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Measure:
    """-1..1, 1 for perfect agreement, 0 for what chance would give.

    confusion: (k, k), items to which one rater says class i and the other class j. weighting: a
    name, or (k, k) closeness of classes, 1 for the same. Undefined without items that both rated,
    or when both always say one class.
    """
    near = weights_of(len(confusion), weighting) if isinstance(weighting, str) else weighting
    items = int(confusion.sum())
    cells = np.flatnonzero(confusion)
    return measured(
        statistic(len(confusion), cells, near),
        confusion.ravel()[cells],
        items=items,
        reason=_why(confusion, names) if items else NO_BOTH,
        draws=draws,
        seed=seed,
    )


def statistic(k: int, cells: NDArray[np.intp], near: Floats) -> Statistic:
    """Kappa of a (k, k) confusion, of which these flat cells are used."""
    rows, columns = np.divmod(cells, k)
    first, second = np.eye(k)[rows], np.eye(k)[columns]
    agreement = near[rows, columns]

    def kappa(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        seen = weights @ agreement / total
        chance = (((weights @ first) @ near) * (weights @ second)).sum(axis=1) / total**2
        with np.errstate(divide="ignore", invalid="ignore"):
            found = (seen - chance) / (1 - chance)
        return np.where(1 - chance > 1e-12, found, np.nan)

    return kappa


def _why(confusion: NDArray[Any], names: Sequence[str] | None) -> str:
    name = only_class(confusion + confusion.T, names)
    said = "both always say the same" if name is None else f"both always say {name!r}"
    return f"{said}: chance agreement is 1, so kappa is not defined"
