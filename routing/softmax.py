"""The most probable softmax model under Gaussian beliefs, and how sure one may be of it.

The logit of item i and class c is  inputs[i, c] @ shared + beta[c] + bias[group[i], c].  Every
coefficient has a normal prior, so that there is always one best answer, with no data too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]

ITERATIONS: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """What is believed before any label: a mean and a spread for each coefficient.

    mean, sd: (m,) of the shared coefficients, sd above 0. beta_sd, bias_sd: above 0, around 0.
    """

    mean: Floats
    sd: Floats
    beta_sd: float
    bias_sd: float


@dataclass(frozen=True, slots=True, eq=False)
class Softmax:
    """A fitted model. shared: (m,), beta: (k,), bias: (g, k); see the module for what they do.

    `own` and `cross` hold the covariance: of (shared, beta) together, (m+k, m+k), of one group's
    biases, (g, k, k), and between the two, (g, m+k, k).
    """

    shared: Floats
    beta: Floats
    bias: Floats
    common: Floats
    cross: Floats
    own: Floats

    def probs(self, inputs: Floats, groups: Groups) -> Floats:
        """Probabilities that allow for doubt about the coefficients: (n, k), rows sum to 1.

        inputs: (n, k, m), groups: (n,). Laplace's approximation: each logit's distance from the
        largest one shrinks by sqrt(1 + pi/8 var), so few labels never give near-certainty.
        """
        logits = inputs @ self.shared + self.beta + self.bias[groups]
        best = logits.argmax(axis=1)
        result = np.empty_like(logits)
        for group in np.unique(groups):
            rows = np.flatnonzero(groups == group)
            gap = logits[rows] - logits[rows, best[rows]][:, None]
            variance = self._variance(inputs[rows], best[rows], group)
            result[rows] = softmax(gap / np.sqrt(1 + np.pi / 8 * variance), axis=1)
        return result

    def _variance(self, inputs: Floats, best: Groups, group: int) -> Floats:
        """(n, k) variance of each logit's distance from the best one, within one group."""
        m = inputs.shape[2]
        step = inputs - inputs[np.arange(len(inputs)), best][:, None, :]
        ours = self.common[:m, :m]
        mixed = self.common[:m, m:] + self.cross[group, :m]  # shared against beta + bias
        both = self.common[m:, m:] + self.own[group]
        both = both + self.cross[group, m:] + self.cross[group, m:].T
        diagonal = np.diag(both)
        variance: Floats = ((step @ ours) * step).sum(axis=2)
        pull = step @ mixed
        variance += 2 * (np.einsum("ncc->nc", pull) - pull[np.arange(len(best)), :, best])
        variance += diagonal + diagonal[best][:, None] - 2 * both[best]
        return np.maximum(variance, 0.0)


def fit(
    inputs: Floats,
    groups: Groups,
    targets: Floats,
    weights: Floats,
    prior: Prior,
    *,
    n_groups: int,
    start: Floats | None = None,
) -> tuple[Softmax, Floats]:
    """The most probable coefficients, and the point to start from when refitting.

    inputs: (n, k, m). groups: (n,), 0..n_groups-1. targets: (n, k), rows sum to 1. weights: (n,),
    how many labels a row counts for. n may be 0: then the prior comes back. start: the second
    result of an earlier call on the same kinds of input; it saves time and changes nothing else.
    """
    problem = _Problem(inputs, groups, targets, weights, prior, n_groups)
    k, m = targets.shape[1], inputs.shape[2]
    size = m + k + n_groups * k
    z = np.zeros(size) if start is None or start.shape != (size,) else start
    if len(inputs):
        z = minimize(
            problem.loss, z, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}
        ).x
    shared, beta, bias = problem.unpack(z)
    return Softmax(shared, beta, bias, *problem.covariance(z)), z


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """One data set and prior. z are the coefficients in prior standard deviations from the mean."""

    inputs: Floats
    groups: Groups
    targets: Floats
    weights: Floats
    prior: Prior
    n_groups: int

    def unpack(self, z: Floats) -> tuple[Floats, Floats, Floats]:
        m, k = self.inputs.shape[2], self.targets.shape[1]
        shared = self.prior.mean + self.prior.sd * z[:m]
        beta = self.prior.beta_sd * z[m : m + k]
        return shared, beta, self.prior.bias_sd * z[m + k :].reshape(self.n_groups, k)

    def logits(self, z: Floats) -> Floats:
        shared, beta, bias = self.unpack(z)
        return self.inputs @ shared + beta + bias[self.groups]

    def by_group(self, rows: Floats) -> Floats:
        """(n, ...) -> (g, ...): sums over each group's rows."""
        flat = rows.reshape(len(rows), math.prod(rows.shape[1:]))
        onehot = (self.groups[:, None] == np.arange(self.n_groups)).astype(np.float64)
        summed: Floats = (onehot.T @ flat).reshape(self.n_groups, *rows.shape[1:])
        return summed

    def loss(self, z: Floats) -> tuple[float, Floats]:
        """Minus log posterior (up to a constant) and its gradient in z."""
        logp = log_softmax(self.logits(z), axis=1)
        loss = -float(self.weights @ (self.targets * logp).sum(axis=1)) + 0.5 * float(z @ z)
        residual = (np.exp(logp) - self.targets) * self.weights[:, None]
        bias = self.by_group(residual) * self.prior.bias_sd
        shared = np.tensordot(residual, self.inputs, axes=([0, 1], [0, 1])) * self.prior.sd
        beta = residual.sum(axis=0) * self.prior.beta_sd
        return loss, z + np.concatenate([shared, beta, bias.ravel()])

    def covariance(self, z: Floats) -> tuple[Floats, Floats, Floats]:
        """Inverse of the loss's second derivative at z, in the parts that `Softmax` keeps."""
        m, k = self.inputs.shape[2], self.targets.shape[1]
        p = softmax(self.logits(z), axis=1)
        weighted = p * self.weights[:, None]
        centred = self.inputs - (p[:, :, None] * self.inputs).sum(axis=1, keepdims=True)
        pull = centred * weighted[:, :, None]  # how (i, c) turns shared against intercept c
        top = np.zeros((m + k, m + k))
        top[:m, :m] = np.tensordot(pull, self.inputs, axes=([0, 1], [0, 1]))
        within = -self._products(p, weighted)
        within[:, np.arange(k), np.arange(k)] += self.by_group(weighted)
        side = np.concatenate([self.by_group(pull).transpose(0, 2, 1), within], axis=1)
        top[:m, m:] = side[:, :m].sum(axis=0)
        top[m:, :m] = top[:m, m:].T
        top[m:, m:] = within.sum(axis=0)
        scale = np.concatenate([self.prior.sd, np.full(k, self.prior.beta_sd)])
        top = top * scale[:, None] * scale
        side = side * scale[:, None] * self.prior.bias_sd
        within = within * self.prior.bias_sd**2
        common, cross, own = _invert(top, side, within)
        return (
            common * scale[:, None] * scale,
            cross * scale[:, None] * self.prior.bias_sd,
            own * self.prior.bias_sd**2,
        )

    def _products(self, p: Floats, weighted: Floats) -> Floats:
        """(g, k, k): sum over each group's rows of p_c p_d, weighted."""
        result = np.zeros((self.n_groups, p.shape[1], p.shape[1]))
        for group in np.unique(self.groups):
            rows = self.groups == group
            result[group] = p[rows].T @ weighted[rows]
        return result


def _invert(top: Floats, side: Floats, within: Floats) -> tuple[Floats, Floats, Floats]:
    """Inverse of identity + [[top, side], [side', within]], whose last part is block diagonal.

    The biases of different groups only meet through the coefficients they share, so it takes one
    small inverse per group and one for the shared ones, however many classes there are.
    """
    blocks = np.linalg.inv(within + np.eye(within.shape[1]))
    through = side @ blocks  # (g, m+k, k)
    left = top + np.eye(len(top)) - np.einsum("gac,gbc->ab", through, side)
    common = np.linalg.inv(left)
    cross = -(common @ through)
    own = blocks - through.transpose(0, 2, 1) @ cross
    return common, cross, own
