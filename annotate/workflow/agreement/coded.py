"""Agreement on answers that are classes, from tables of counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.agreement import Measure, Undefined, cohen_kappa, corrected
from annotate.agreement.alpha import across as alpha_across
from annotate.agreement.alpha import within as alpha_within
from annotate.agreement.bootstrap import Floats, Statistic, alike, at, measured
from annotate.agreement.distances import weights
from annotate.agreement.measure import Estimate
from annotate.agreement.percent import wilson
from annotate.agreement.tables import (
    NO_BOTH,
    NO_PAIRS,
    one_against_rest,
    shares,
    why_not,
    why_not_across,
)
from annotate.workflow.agreement.codings import Coding, Layer
from annotate.workflow.agreement.groups import Group, Numbers
from annotate.workflow.agreement.report import SAME
from annotate.workflow.agreement.tables import (
    Tables,
    collapsed,
    counted,
    own_pairs,
    padded,
    pairable,
    tables_of,
)

PAIR_DRAWS = 200
"""For the interval of one pair of people: there may be hundreds of pairs."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Measures of answers with a coding. seed: of the intervals."""

    coding: Coding
    seed: int

    @property
    def measure(self) -> str:
        """The headline, in words."""
        layers = self.coding.layers
        several = ", mean over the aspects" if len(layers) > 1 else ""
        return f"Krippendorff's alpha ({layers[0].metric} distance){several}"

    def within(self, group: Group) -> tuple[Mapping[str, Measure], Mapping[str, Measure]]:
        """title -> measure, and label or aspect -> alpha, among the answers of a group."""
        tables = tables_of(self.coding, group, None)
        found = {f"alpha, {self._metric}": self._alpha(tables)}
        found[SAME] = self._same(tables)
        if len(self.coding.layers) == 1:
            found |= self._corrected(tables, self.coding.layers[0])
        return found, self._parts(tables)

    def across(
        self, mine: Group, theirs: Group
    ) -> tuple[Mapping[str, Measure], Mapping[str, Measure]]:
        """As `within`, of pairs made of an answer of one group and an answer of the other."""
        tables = tables_of(self.coding, mine, theirs)
        found = {f"alpha, {self._metric}": self._alpha(tables, across=True)}
        found[SAME] = self._same(tables, across=True)
        layer = self.coding.layers[0]
        if len(self.coding.layers) == 1 and layer.ac is not None:
            near = weights(len(layer.names), layer.ac)
            found[_ac_title(layer)] = self._measured(
                corrected.across(tables.mine[0], tables.theirs[0], near, "gwet"),
                tables,
                why_not_across("AC", tables.mine[0], tables.theirs[0], layer.names),
                across=True,
            )
        return found, self._parts(tables, across=True)

    def difference(self, people: Group, model: Group) -> Measure:
        """Alpha of people with the model, less alpha of people among themselves."""
        tables = tables_of(self.coding, people, model)
        both, own = self._statistic(tables, across=True), self._statistic(tables)
        return measured(
            lambda w: both(w) - own(w),
            tables.times,
            items=int(tables.times.sum()),
            reason="one of the two is not defined",
            seed=self.seed,
        )

    def pair(self, one: Numbers, other: Numbers) -> tuple[Measure, Measure]:
        """Of two people on the same items: share of the same answers, and Cohen's kappa, or alpha
        where that has no weights for it. one, other: (m,) numbers of values."""
        codes, others = self.coding.codes[one], self.coding.codes[other]
        kept = (codes >= 0).all(axis=1) & (others >= 0).all(axis=1)
        codes, others = codes[kept], others[kept]
        if not len(codes):
            return Undefined(NO_BOTH), Undefined(NO_BOTH)
        same = (codes == others).all(axis=1)
        share = Estimate(float(same.mean()), *wilson(float(same.sum()), len(same)), len(same))
        return share, self._pair_headline(codes, others)

    @property
    def pair_measure(self) -> str:
        layer = self.coding.layers[0]
        if len(self.coding.layers) > 1 or layer.kappa is None:
            return f"alpha, {self._metric}"
        weighted = "" if layer.kappa == "none" else f", {layer.kappa} weights"
        return f"Cohen's kappa{weighted}"

    def _pair_headline(self, codes: Numbers, others: Numbers) -> Measure:
        layers = self.coding.layers
        if len(layers) == 1 and layers[0].kappa is not None:
            k = len(layers[0].names)
            cells = np.bincount(codes[:, 0] * k + others[:, 0], minlength=k * k).reshape(k, k)
            weighting = layers[0].kappa
            return cohen_kappa(
                cells, weighting, names=layers[0].names, draws=PAIR_DRAWS, seed=self.seed
            )
        n = len(codes)
        numbers = np.tile(np.arange(n), 2)
        pairs = np.concatenate([codes, others])
        tables = collapsed([padded(numbers, pairs[:, at], n) for at in range(len(layers))], [])
        return self._alpha(counted(self.coding, tables), draws=PAIR_DRAWS)

    @property
    def _metric(self) -> str:
        return self.coding.layers[0].metric

    # ---- measures

    def _statistic(self, tables: Tables, *, across: bool = False) -> Statistic:
        """Alpha; its mean over the layers where it is defined."""
        each = [
            alpha_across(mine, theirs, layer.distance)
            if across
            else alpha_within(mine, layer.distance)
            for layer, mine, theirs in zip(
                self.coding.layers, tables.mine, tables.theirs or tables.mine, strict=True
            )
        ]
        if len(each) > 1 and len(tables.times):
            each = [one for one in each if np.isfinite(at(one, tables.times))] or each

        def statistic(weights: Floats) -> Floats:
            return np.asarray(np.mean([one(weights) for one in each], axis=0))

        return statistic

    def _alpha(self, tables: Tables, *, across: bool = False, draws: int = 1000) -> Measure:
        layer = self.coding.layers[0]
        reason = (
            why_not_across("alpha", tables.mine[0], tables.theirs[0], layer.names)
            if across
            else why_not("alpha", tables.mine[0], layer.names)
        )
        return self._measured(
            self._statistic(tables, across=across), tables, reason, across=across, draws=draws
        )

    def _measured(
        self,
        statistic: Statistic,
        tables: Tables,
        reason: str,
        *,
        across: bool = False,
        draws: int = 1000,
    ) -> Measure:
        used = pairable(tables, across)
        return measured(
            statistic,
            tables.times,
            items=int(tables.times[used].sum()),
            reason=reason,
            draws=draws,
            seed=self.seed,
        )

    def _same(self, tables: Tables, *, across: bool = False) -> Measure:
        """Share of pairs with the same answer; with aspects its mean over them."""
        used, times = pairable(tables, across), tables.times
        if not used.any():
            return Undefined(NO_BOTH if across else NO_PAIRS)
        theirs = tables.theirs if across else tables.mine
        each = [
            (shares(a) * shares(b)).sum(axis=1) if across else own_pairs(a)
            for a, b in zip(tables.mine, theirs, strict=True)
        ]
        n = int(times[used].sum())
        share = float(np.mean(each, axis=0)[used] @ times[used]) / n
        return Estimate(share, *wilson(share * n, n), n)

    def _corrected(self, tables: Tables, layer: Layer) -> dict[str, Measure]:
        """Gwet's and Fleiss' measures, where there are weights for them."""
        if layer.ac is None:
            return {}
        table, near = tables.mine[0], weights(len(layer.names), layer.ac)
        found = {
            _ac_title(layer): self._measured(
                corrected.within(table, near, "gwet"), tables, why_not("AC", table, layer.names)
            )
        }
        if layer.ac == "none":
            found["Fleiss' kappa"] = self._measured(
                corrected.within(table, near, "fleiss"),
                tables,
                why_not("kappa", table, layer.names),
            )
        return found

    def _parts(self, tables: Tables, *, across: bool = False) -> dict[str, Measure]:
        layers = self.coding.layers
        if len(layers) > 1:
            return {
                layer.title: Coded(_alone(layer), self.seed)._alpha(
                    Tables([mine], [theirs], tables.times), across=across
                )
                for layer, mine, theirs in zip(
                    layers, tables.mine, tables.theirs or tables.mine, strict=True
                )
            }
        return {
            name: self._part(tables, name, members, across)
            for name, members in layers[0].parts.items()
        }

    def _part(self, tables: Tables, name: str, members: NDArray[np.bool_], across: bool) -> Measure:
        """Nominal alpha of one label against all others."""
        names = (name, f"not {name}")
        groups = [tables.mine[0], *([tables.theirs[0]] if across else [])]
        rows, times = alike(
            *(one_against_rest(table, members) for table in groups), times=tables.times
        )
        one = Coded(_alone(Layer("", names)), self.seed)
        return one._alpha(Tables(rows[:1], rows[1:], times), across=across)


def _alone(layer: Layer) -> Coding:
    return Coding((layer,), np.zeros((0, 1), dtype=np.int64))


def _ac_title(layer: Layer) -> str:
    return "Gwet's AC1" if layer.ac == "none" else "Gwet's AC2"
