"""How far answers agree: arrays in, a number with its interval out, or why there is none.

A table is (n, k) counts: how many answers put item i into class c. Every measure has a `Statistic`,
the same as a function of how often each row counts, so that intervals are drawn over items.
"""

from annotate.agreement.alpha import alpha, alpha_across
from annotate.agreement.cohen import cohen_kappa
from annotate.agreement.corrected import fleiss_kappa, gwet_ac, gwet_ac_across
from annotate.agreement.measure import Estimate, Measure, Undefined
from annotate.agreement.percent import percent, percent_across, wilson
from annotate.agreement.preferences import Strengths, bradley_terry, win_rates
from annotate.agreement.tables import counts

__all__ = [
    "Estimate",
    "Measure",
    "Strengths",
    "Undefined",
    "alpha",
    "alpha_across",
    "bradley_terry",
    "cohen_kappa",
    "counts",
    "fleiss_kappa",
    "gwet_ac",
    "gwet_ac_across",
    "percent",
    "percent_across",
    "wilson",
    "win_rates",
]
