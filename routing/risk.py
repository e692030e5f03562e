"""The chance that people would change an answer, where there are no classes to stack.

Spans, free text, ratings, sets of labels: "changed" is a loss above what one tolerates. A logistic
model on signals of doubt; it starts from a belief about each, so it ranks items before anyone has
answered, and every answer moves it. For classes, `routing.stacker` is better: it relabels too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from routing.student import Features, leave_one_out
from routing.types import Mask, Scores

Floats = NDArray[np.float64]

# Prior mean of each known signal's coefficient, per standard deviation of the signal.
BELIEFS: Final[Mapping[str, float]] = {
    "entropy": 0.6,  # disagreement of the answers: clusters of texts, tokens of spans, variance
    "margin": 0.3,
    "unparsed": 0.1,
    "confidence": 0.5,  # lack of it
    "student": 0.35,
    "length": 0.0,
}
TAUGHT: Final = 0.3  # of the error that people's answers to similar items predict
SD: Final = 0.6
OFFSET_SD: Final = 3.0
RATE: Final = 0.25  # error rate believed before the first answer
FEW: Final = 15  # answers below which similar items predict nothing
_STEPS: Final = 50
_LONGEST_STEP: Final = 2.0  # far from the answer, Newton's method overshoots


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What was learned of n items.

    chance: (n,), of a change, 0 is sure. terms: signal -> (n,), what it adds to the logit.
    weights: signal -> its coefficient, per standard deviation.
    """

    chance: Scores
    terms: Mapping[str, Floats]
    weights: Mapping[str, float]


SIMILAR: Final = "similar items"
"""What the signal is called that people's answers to similar items make."""


@dataclass(frozen=True, slots=True, eq=False)
class RiskModel:
    """Signals of n items and what is known of them in general.

    signals: names to (n,), higher is less sure, NaN where unknown (then the average). The names of
    `BELIEFS` start with its means; any other starts at 0. features: (n, d), see `routing.student`;
    from 15 answers on, what people changed in similar items becomes one more signal. rate: between
    0 and 1, share of changes that is believed before the first answer.
    ValueError when a shape does not fit or there is no signal.

    >>> model = RiskModel({"entropy": np.array([0.0, 0.5, 1.0])})
    >>> model.fit(np.array([False] * 3), np.array([False] * 3)).round(2)
    array([0.17, 0.26, 0.42])
    """

    signals: Mapping[str, Floats]
    features: Features | None = None
    rate: float = RATE
    _scaled: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        shapes = {values.shape for values in self.signals.values()}
        if len(shapes) != 1 or len(next(iter(shapes))) != 1:
            raise ValueError(f"signals must share one shape (n,), but have {sorted(shapes)}")
        columns = np.column_stack([standardised(values) for values in self.signals.values()])
        if self.features is not None and len(self.features) != len(columns):
            raise ValueError(f"features has {len(self.features)} rows for {len(columns)} items")
        object.__setattr__(self, "_scaled", columns)

    def fit(self, answered: Mask, changed: Mask) -> Scores:
        """Chance of a change, from what people did: (n,), 0 is sure. See `weigh`."""
        return self.weigh(answered, changed).chance

    def weigh(self, answered: Mask, changed: Mask) -> Weighed:
        """What people's answers say of every item.

        answered: (n,). changed: (n,), looked at only where answered. Moderated by Laplace's
        approximation (MacKay 1992), so that a few answers never give near-certainty. ValueError
        when a mask has another length.
        """
        if not answered.shape == changed.shape == (len(self._scaled),):
            raise ValueError(
                f"answered {answered.shape} and changed {changed.shape} must have one entry for "
                f"each of the {len(self._scaled)} items"
            )
        inputs, mean = self._inputs(answered, changed)
        rate = (changed[answered].sum() + 2 * self.rate) / (answered.sum() + 2)
        mean[0] = logit(rate)
        precision = np.full(len(mean), SD**-2.0)
        precision[0] = OFFSET_SD**-2.0 if answered.any() else SD**-2.0
        best, cov = _map(inputs[answered], changed[answered].astype(np.float64), mean, precision)
        doubt = ((inputs @ cov) * inputs).sum(axis=1)
        chance: Scores = expit(inputs @ best / np.sqrt(1 + np.pi / 8 * doubt))
        names = [*self.signals, SIMILAR][: inputs.shape[1] - 1]
        return Weighed(
            chance,
            {name: inputs[:, at] * best[at] for at, name in enumerate(names, 1)},
            dict(zip(names, best[1:].tolist(), strict=True)),
        )

    def _inputs(self, answered: Mask, changed: Mask) -> tuple[Floats, Floats]:
        mean = [0.0, *(BELIEFS.get(name, 0.0) for name in self.signals)]
        parts = [np.ones((len(self._scaled), 1)), self._scaled]
        if self.features is not None and answered.sum() >= FEW:
            weights = answered.astype(np.float64)
            known = np.where(answered, changed, False).astype(np.float64)[:, None]
            similar = leave_one_out(self.features, known, weights)[:, 0]
            parts.append(standardised(similar)[:, None])
            mean.append(TAUGHT)
        return np.hstack(parts), np.array(mean)


def standardised(values: Floats) -> Floats:
    """Mean 0 and standard deviation 1, unknown and constant values 0: (n,) -> (n,).

    >>> standardised(np.array([1.0, 3.0, np.nan]))
    array([-1.,  1.,  0.])
    """
    known = ~np.isnan(values)
    result = np.zeros(len(values))
    if known.any() and (spread := values[known].std()) > 1e-12:
        result[known] = (values[known] - values[known].mean()) / spread
    return result


def _map(inputs: Floats, outcome: Floats, mean: Floats, precision: Floats) -> tuple[Floats, Floats]:
    """Most probable coefficients and their covariance, by Newton's method."""
    best = mean.copy()
    for _ in range(_STEPS):
        chance = expit(inputs @ best)
        gradient = inputs.T @ (chance - outcome) + precision * (best - mean)
        curve = (inputs.T * (chance * (1 - chance))) @ inputs + np.diag(precision)
        step = np.linalg.solve(curve, gradient)
        step *= min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), 1e-12))
        best -= step
        if float(np.abs(step).max()) < 1e-9:
            break
    chance = expit(inputs @ best)
    curve = (inputs.T * (chance * (1 - chance))) @ inputs + np.diag(precision)
    return best, np.linalg.inv(curve)
