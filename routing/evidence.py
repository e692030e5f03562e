"""What machines say about the items of a data set, as inputs of a model: made once, used often."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from routing.student import Features
from routing.types import Confidences, Labels, Votes
from routing.uncertainty import majority, shares

Floats = NDArray[np.float64]

SURE_LOG: Final = -8.0  # a log-probability below this says nothing more
MOST_CLASSES: Final = 12  # up to which each model is trusted by class, beyond only as a whole
_SPREAD: Final = 3.4  # ranks 0..1 times this have a standard deviation of about 1


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Answers of m calls about each of n items, over k classes.

    votes: (n, m), 0..k-1 or -1. confidences: (n, m), 0..1, NaN where none was stated.
    log_probs: (n, m, k), natural logs, NaN where not given; -inf is allowed.
    features: any number of (n, d), one row of length 1 per item: see `routing.student`.
    models: who cast each column's votes, m names, such as (model, prompt). With more than one name
    it can be learned that one of them is not to be trusted with some class, and all of them start
    with an equal say, however many columns each has. For pairs of answers judged in both orders
    name the order too: that the first one shown is preferred is then learned.
    called: (n, m), True where the call was made, whatever came of it; everywhere unless given.
    Where only some calls were made, as before a cascade's second model, these have the whole say.

    Made from these: label (n,), the majority or -1; lead (n,), share of the first label minus
    share of the second, 0..1; majority_rows (n, k), 1 for the majority; inputs (n, k, names);
    say (m,), each column's part of the say that all have, adding up to 1.
    ValueError when a shape does not fit, or a vote is no class.

    >>> evidence = Evidence(np.array([[0, 0, 1]]), k=2, models=["a", "a", "b"])
    >>> evidence.say
    array([0.25, 0.25, 0.5 ])
    >>> evidence.names
    ('vote 0', 'vote 1', 'vote 2', 'model 0: 0', 'model 0: 1', 'model 1: 0', 'model 1: 1')
    """

    votes: Votes
    k: int
    confidences: Confidences | None = None
    log_probs: Floats | None = None
    features: Sequence[Features] = ()
    models: Sequence[Hashable] | None = None
    called: NDArray[np.bool_] | None = None
    label: Labels = field(init=False)
    lead: Floats = field(init=False)
    majority_rows: Floats = field(init=False)
    names: tuple[str, ...] = field(init=False)
    inputs: Floats = field(init=False)
    say: Floats = field(init=False)

    def __post_init__(self) -> None:
        share = np.nan_to_num(shares(self.votes, self.k))
        self._check_shapes()
        label = majority(self.votes, self.k)
        ordered = np.sort(share, axis=1)
        rows = np.zeros((len(self.votes), self.k))
        rows[np.flatnonzero(label >= 0), label[label >= 0]] = 1.0
        names, inputs = self._inputs()
        for name, value in [
            ("label", label),
            ("lead", ordered[:, -1] - ordered[:, -2]),
            ("majority_rows", rows),
            ("names", names),
            ("inputs", inputs),
            ("say", self._say()),
        ]:
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.votes)

    def _inputs(self) -> tuple[tuple[str, ...], Floats]:
        said = (self.votes[:, :, None] == np.arange(self.k)).astype(np.float64)
        names = [f"vote {j}" for j in range(self.votes.shape[1])]
        parts = [said.transpose(0, 2, 1) * self._scale()[:, None, None]]
        if self.confidences is not None and not np.isnan(self.confidences).all():
            names.append("stated")
            parts.append(stated(self.confidences, said)[:, :, None])
        if self.log_probs is not None and not np.isnan(self.log_probs).all():
            names.append("token")
            parts.append(token(self.log_probs)[:, :, None])
        for at, columns in enumerate(self._columns()):
            share = said[:, columns].mean(axis=1)  # of the model's votes
            names += _named(at, self.k)
            parts.append(_by_class(share) if self.k <= MOST_CLASSES else share[:, :, None])
        return tuple(names), np.concatenate(parts, axis=2)

    def _columns(self) -> list[list[int]]:
        """The columns of each model, in the order they come; none when all are of one."""
        owners = list(self.models or ())
        names = list(dict.fromkeys(owners))
        if len(names) < 2:
            return []
        return [[at for at, owner in enumerate(owners) if owner == name] for name in names]

    def _scale(self) -> Floats:
        """(n,) what an item's calls are each worth more, because others were not made."""
        if self.called is None:
            return np.ones(len(self.votes))
        made = self.called @ self._say()
        return np.divide(1.0, made, out=np.ones(len(made)), where=made > 0)

    def _say(self) -> Floats:
        m = self.votes.shape[1]
        result = np.full(m, 1 / max(m, 1))
        models = self._columns()
        for columns in models:
            result[columns] = 1 / (len(models) * len(columns))
        return result

    def _check_shapes(self) -> None:
        n, m = self.votes.shape
        wanted = {"confidences": (n, m), "log_probs": (n, m, self.k), "called": (n, m)}
        for name, shape in wanted.items():
            given = getattr(self, name)
            if given is not None and given.shape != shape:
                raise ValueError(
                    f"{name} has shape {given.shape}, but for these votes it is {shape}"
                )
        if self.models is not None and len(self.models) != m:
            raise ValueError(f"{len(self.models)} models are named for {m} columns of votes")
        for index, features in enumerate(self.features):
            if features.ndim != 2 or len(features) != n:
                raise ValueError(
                    f"features[{index}] has shape {features.shape}, but must be ({n}, d)"
                )


def stated(confidences: Confidences, said: Floats) -> Floats:
    """Mean over the calls of how sure each was, for the class it named: (n, k).

    confidences: (n, m). said: (n, m, k), 1 for the class named. Sureness is a call's rank among
    all its answers, -1.7 least sure .. 1.7 surest, 0 where none was stated.

    >>> said = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 1.0]]])
    >>> stated(np.array([[0.99], [0.97], [0.8]]), said).round(2)
    array([[ 1.13,  0.  ],
           [ 0.  ,  0.  ],
           [ 0.  , -1.13]])
    """
    sure = np.zeros(confidences.shape)
    for call in range(confidences.shape[1]):
        given = ~np.isnan(confidences[:, call])
        rank = rankdata(confidences[given, call])
        sure[given, call] = _SPREAD * ((rank - 0.5) / max(len(rank), 1) - 0.5)
    mean: Floats = (sure[:, :, None] * said).mean(axis=1)
    return mean


def token(log_probs: Floats) -> Floats:
    """Mean over the calls of the classes' log-probabilities, minus their mean: (n, k).

    log_probs: (n, m, k). Cut off at -8; a call without them is left out, an item without is 0.

    >>> token(np.array([[[-1.0, -3.0], [np.nan, np.nan]]]))
    array([[ 1., -1.]])
    """
    usable = np.clip(log_probs, SURE_LOG, 0.0)
    usable -= usable.mean(axis=2, keepdims=True)
    given = ~np.isnan(usable)
    count = given.sum(axis=1)
    total = np.where(given, usable, 0.0).sum(axis=1)
    mean: Floats = total / np.maximum(count, 1)
    return mean


def _by_class(share: Floats) -> Floats:
    """(n, k) -> (n, k, k): a coefficient for each class, which speaks of that class alone."""
    n, k = share.shape
    result = np.zeros((n, k, k))
    result[:, np.arange(k), np.arange(k)] = share
    return result


def _named(model: int, k: int) -> list[str]:
    if k > MOST_CLASSES:
        return [f"model {model}"]
    return [f"model {model}: {label}" for label in range(k)]
