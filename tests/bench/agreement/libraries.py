"""Measures against other libraries: `python -m tests.bench.agreement.libraries`.

Compares with krippendorff, irrCAC, scikit-learn, statsmodels and choix where they are installed; a
library that is not is named as left out. 200 random tables each, with gaps where the library takes
them. Ends in an error where two differ by more than 1e-6.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from annotate.agreement import (
    Estimate,
    Measure,
    alpha,
    bradley_terry,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
)
from annotate.agreement.distances import Weighting, interval, ratio

TABLES = 200
CLOSE = 1e-6
Check = Callable[[Any, np.random.Generator], float]
"""library, generator -> the largest difference over one random table."""


def answers(generator: np.random.Generator, *, gaps: bool, k: int = 4) -> Any:
    """(raters, items) of classes 0..k-1, NaN for no answer; no item without an answer."""
    truth = generator.integers(0, k, 30)
    said = np.where(generator.random((4, 30)) < 0.7, truth, generator.integers(0, k, (4, 30)))
    said = said.astype(float)
    if gaps:
        missing = generator.random(said.shape) < 0.3
        missing[0] = False
        said[missing] = np.nan
    return said


def table(said: Any, k: int = 4) -> Any:
    return np.array([[(unit == c).sum() for c in range(k)] for unit in said.T])


def value(measure: Measure) -> float:
    assert isinstance(measure, Estimate), measure
    return measure.value


def krippendorff(library: Any, generator: np.random.Generator) -> float:
    said = answers(generator, gaps=True)
    rows, scale = table(said), np.arange(4.0)
    ours = {
        "nominal": alpha(rows, draws=0),
        "ordinal": alpha(rows, "ordinal", draws=0),
        "interval": alpha(rows, interval(scale), draws=0),
        "ratio": alpha(rows, ratio(scale), draws=0),
    }
    return max(
        abs(value(one) - library.alpha(reliability_data=said, level_of_measurement=name))
        for name, one in ours.items()
    )


def irr_cac(library: Any, generator: np.random.Generator) -> float:
    import pandas

    said = answers(generator, gaps=True)
    frame, rows = pandas.DataFrame(said.T), table(said)
    most = 0.0
    names: dict[Weighting, str] = {
        "none": "identity", "linear": "linear", "quadratic": "quadratic", "ordinal": "ordinal",
    }  # fmt: skip
    for weighting, name in names.items():
        theirs = library.CAC(frame, weights=name, categories=[0.0, 1.0, 2.0, 3.0], digits=12)
        for ours, made in (
            (gwet_ac(rows, weighting, draws=0), theirs.gwet()),
            (fleiss_kappa(rows, weighting, draws=0), theirs.fleiss()),
        ):
            most = max(most, abs(value(ours) - made["est"]["coefficient_value"]))
    return most


def sklearn(library: Any, generator: np.random.Generator) -> float:
    one, other = answers(generator, gaps=False)[:2].astype(int)
    cells = np.bincount(one * 4 + other, minlength=16).reshape(4, 4)
    weightings: tuple[Weighting, ...] = ("none", "linear", "quadratic")
    return max(
        abs(
            value(cohen_kappa(cells, weighting, draws=0))
            - library.cohen_kappa_score(
                one, other, labels=range(4), weights=None if weighting == "none" else weighting
            )
        )
        for weighting in weightings
    )


def statsmodels(library: Any, generator: np.random.Generator) -> float:
    rows = table(answers(generator, gaps=False))
    return abs(value(fleiss_kappa(rows, draws=0)) - library.fleiss_kappa(rows))


def choix(library: Any, generator: np.random.Generator) -> float:
    wins = generator.integers(1, 12, (5, 5)) * (1 - np.eye(5, dtype=int))
    found = bradley_terry(wins, np.zeros((5, 5)))
    pairs = [(i, j) for i in range(5) for j in range(5) for _ in range(wins[i, j])]
    theirs = library.opt_pairwise(5, pairs, alpha=0.0, method="Newton-CG", tol=1e-12)
    ours = np.array([one.value for one in found.responses])  # type: ignore[union-attr]
    return float(np.abs(ours - (theirs - theirs.mean())).max())


CHECKS: dict[str, Check] = {
    "krippendorff": krippendorff,
    "irrCAC.raw": irr_cac,
    "sklearn.metrics": sklearn,
    "statsmodels.stats.inter_rater": statsmodels,
    "choix": choix,
}


def main() -> int:
    far = 0
    for name, check in CHECKS.items():
        try:
            library = importlib.import_module(name)
        except ImportError:
            print(f"{name:32} is not installed: left out")  # noqa: T201
            continue
        generator = np.random.default_rng(7)
        most = max(check(library, generator) for _ in range(TABLES))
        far += most > CLOSE
        print(f"{name:32} {TABLES} tables, largest difference {most:.1e}")  # noqa: T201
    return int(far > 0)


if __name__ == "__main__":
    sys.exit(main())
