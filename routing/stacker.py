"""What people would say, learned from what the model said and from the people heard so far.

A Bayesian softmax model of the human label. Its prior is "trust the vote", so that with no human
label at all it is a softened majority; each human label moves it. The probability it gives is both
things a router needs: its largest class is the label, what is missing to 1 is the risk.

    logit[i, c] = sum_j w_j [vote_ij = c] + a stated[i, c] + t token[i, c]
                  + sum_g u_gc said[g, i, c]
                  + b student[i, c] + g taught[i, c] + beta[c] + bias[majority_i, c]

- stated: confidences stated with votes for c, as ranks, because stated numbers are skewed;
- token: the log-probabilities the model gave the classes, where it gives them;
- said: the share of model g's votes for c, where several models voted, so that each one can be
  trusted with some classes more than with others;
- student: leave-one-out scores of a ridge regression on the items' features, which learns from
  people where they answered and from the vote elsewhere; taught: the same, from people alone;
- bias: how often people say c where the vote says l, beyond what the rest explains.

A signal that was not given has no coefficient. `routing.softmax` fits them.

In sets below 150 items a few answers move the model further than they should. There the
probabilities are a mean of what it learned and what it believed before: half and half after 20
answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from routing.evidence import Evidence
from routing.softmax import Floats, Prior, Softmax, fit
from routing.student import leave_one_out
from routing.types import NO_VOTE, Labels, Probs, Scores

VOTES_MEAN: Final = 2.6  # what all m votes together are worth, in logits
VOTES_SD: Final = 0.6
STATED: Final = (0.5, 0.5)  # prior mean and standard deviation of a coefficient
TOKEN: Final = (0.3, 0.15)  # narrow: that a likelier class is likelier is not in doubt
MODEL: Final = (0.0, 0.4)
STUDENT: Final = (1.0, 1.0)
TAUGHT: Final = (0.8, 1.0)
BETA_SD: Final = 0.4
BIAS_SD: Final = 0.4

HUMAN_WEIGHT: Final = 3.0  # a person's label in the student, where a unanimous vote weighs 1
TIED_WEIGHT: Final = 0.2  # a tied vote
_TIE: Final = 1e-9  # probabilities closer than this are equal
FEW: Final = 15  # human labels below which people alone teach no student
SMALL: Final = 150  # items below which a set keeps to what was believed before
HALFWAY: Final = 20  # answers after which it is half and half there


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What is believed of each item after some human labels.

    probs: (n, k). labels: (n,), the most probable class; of equals the one the vote prefers.
    coefficients: by name, to show what people have taught. start: hand it to the next `Stacker.fit`
    of the same evidence to save time.
    """

    probs: Probs
    labels: Labels
    coefficients: Mapping[str, float]
    start: Floats = field(repr=False)
    _model: Softmax = field(repr=False)
    _inputs: Floats = field(repr=False)
    _groups: Labels = field(repr=False)

    @property
    def risk(self) -> Scores:
        """(n,) chance that the most probable class is not what people say: 0 is sure."""
        result: Scores = 1 - self.probs.max(axis=1)
        return result

    def risk_of(self, labels: Labels) -> Scores:
        """(n,) chance that people do not say `labels`, (n,): to route and keep the model's label.

        NaN where the label is -1.
        """
        chance = np.take_along_axis(self.probs, np.maximum(labels, 0)[:, None], axis=1)[:, 0]
        return np.where(labels == NO_VOTE, np.nan, 1 - chance)

    def terms(self, item: int) -> Mapping[str, Floats]:
        """What each signal adds to the logits of one item: name -> (k,), minus its mean.

        "how often" is how frequent people find each class, "such cases" how often they say it
        where the vote is what it is here. Terms are of the most probable coefficients; what is
        not known of these brings `probs` nearer to each other than the terms alone would.
        """
        model, row = self._model, self._inputs[item]
        given = {name: row[:, at] * model.shared[at] for at, name in enumerate(self.coefficients)}
        given |= {"how often": model.beta, "such cases": model.bias[self._groups[item]]}
        return {name: values - values.mean() for name, values in given.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Stacker:
    """The model for one data set. Fit it anew after each batch of human labels; it is quick.

    >>> from routing.evidence import Evidence
    >>> stacker = Stacker(Evidence(np.array([[0, 0], [0, 1], [1, 1]]), k=2))
    >>> cold = stacker.fit(np.array([-1, -1, -1]))
    >>> cold.labels, cold.risk.round(2)
    (array([0, 0, 1]), array([0.1, 0.5, 0.1]))
    """

    evidence: Evidence

    def fit(
        self, human: Labels, *, weights: Floats | None = None, start: Floats | None = None
    ) -> Fitted:
        """Learn from people. human: (n,), 0..k-1 or -1 where nobody has answered.

        weights: (n,), 0 or more, how many answers each label stands for; 1 each unless given.
        start: `Fitted.start` of an earlier fit. ValueError when a label is no class.
        """
        n, k = len(self.evidence), self.evidence.k
        if human.shape != (n,) or (n and not NO_VOTE <= human.min() <= human.max() < k):
            raise ValueError(
                f"human has shape {human.shape}, but must be ({n},) with labels 0..{k - 1}, or -1 "
                f"where nobody has answered"
            )
        given = (human != NO_VOTE).astype(np.float64)
        return self.fit_soft(
            np.eye(k)[np.maximum(human, 0)], given if weights is None else given * weights, start
        )

    def fit_soft(self, targets: Probs, weights: Floats, start: Floats | None = None) -> Fitted:
        """Learn from what is believed of people's answers, such as a consensus of several.

        targets: (n, k), rows sum to 1, looked at where the weight is above 0. weights: (n,).
        """
        probs, names, model, end, inputs, groups = self._fit(targets, weights, start)
        answered = float(weights.sum())
        if answered > 0 and len(weights) < SMALL:
            before, *_ = self._fit(targets, np.zeros_like(weights), None)
            learned = answered / (answered + HALFWAY)
            probs = learned * probs + (1 - learned) * before
        labels = (probs + _TIE * self.evidence.majority_rows).argmax(axis=1)
        return Fitted(probs, labels, _named(names, model), end, model, inputs, groups)

    def _fit(
        self, targets: Probs, weights: Floats, start: Floats | None
    ) -> tuple[Probs, list[str], Softmax, Floats, Floats, Labels]:
        evidence = self.evidence
        names, inputs, prior = self._inputs(targets, weights)
        groups = np.where(evidence.label == NO_VOTE, evidence.k, evidence.label)
        known = weights > 0
        model, end = fit(
            inputs[known],
            groups[known],
            targets[known],
            weights[known],
            prior,
            n_groups=evidence.k + 1,
            start=start,
        )
        return model.probs(inputs, groups), names, model, end, inputs, groups

    def _inputs(self, targets: Probs, weights: Floats) -> tuple[list[str], Floats, Prior]:
        """Names, (n, k, m) values and prior of the shared coefficients."""
        m = max(self.evidence.votes.shape[1], 1)
        votes = [(VOTES_MEAN * part, VOTES_SD / np.sqrt(m)) for part in self.evidence.say]
        kinds = {"stated": STATED, "token": TOKEN, "model": MODEL}
        names = list(self.evidence.names)
        beliefs = votes + [kinds[name.split()[0]] for name in names[len(votes) :]]
        parts = [self.evidence.inputs]
        enough = np.count_nonzero(weights) >= FEW
        several = np.sqrt(max(len(self.evidence.features), 1))
        for index, features in enumerate(self.evidence.features):
            wanted = {"student": STUDENT, "taught": TAUGHT} if enough else {"student": STUDENT}
            for name, (mean, sd) in wanted.items():
                teach = self._student if name == "student" else _taught
                parts.append(teach(features, targets, weights)[:, :, None])
                names.append(f"{name} {index}")
                beliefs.append((mean / several**2, sd / several))
        mean_sd = np.array(beliefs).reshape(-1, 2)
        prior = Prior(mean_sd[:, 0], mean_sd[:, 1], BETA_SD, BIAS_SD)
        return names, np.concatenate(parts, axis=2), prior

    def _student(self, features: Floats, targets: Probs, weights: Floats) -> Floats:
        """(n, k) scores of a ridge that learns from people, and from the vote elsewhere."""
        said, lead = self.evidence.majority_rows, self.evidence.lead
        known = weights > 0
        from_vote = np.where(
            self.evidence.label == NO_VOTE, 0.0, TIED_WEIGHT + (1 - TIED_WEIGHT) * lead
        )
        scores = leave_one_out(
            features,
            np.where(known[:, None], targets, said),
            np.where(known, HUMAN_WEIGHT * weights, from_vote),
        )
        scores -= scores.mean(axis=1, keepdims=True)
        # Only what is special about the item: how frequent a class is, the votes know already.
        centred: Floats = scores - scores.mean(axis=0)
        return centred


def _taught(features: Floats, targets: Probs, weights: Floats) -> Floats:
    """(n, k) scores of a ridge that learns from people alone."""
    scores = leave_one_out(features, np.where(weights[:, None] > 0, targets, 0.0), weights)
    centred: Floats = scores - scores.mean(axis=1, keepdims=True)
    return centred


def _named(names: list[str], model: Softmax) -> dict[str, float]:
    return dict(zip(names, model.shared.tolist(), strict=True))
