"""Worked examples that others have published, with the values they give."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from annotate.agreement import (
    Estimate,
    Measure,
    alpha,
    bradley_terry,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    percent,
)
from annotate.agreement.distances import interval, masi, ratio

N = -1  # no answer


def value(measure: Measure) -> float:
    assert isinstance(measure, Estimate), measure
    return measure.value


def table(answers: list[list[int]], k: int) -> NDArray[np.int64]:
    """Counts from one list per coder; -1 is no answer."""
    return np.array(
        [[sum(said == c for said in unit) for c in range(k)] for unit in zip(*answers, strict=True)]
    )


KRIPPENDORFF_2011 = table(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ],
    6,
)[:, 1:]
"""Four observers, twelve units, values 1 to 5: "Computing Krippendorff's alpha-reliability", 2011,
section C; the same answers are Gwet's example of four raters (Handbook, 4th ed., table 2.10)."""


def test_krippendorff_2011() -> None:
    values = np.arange(1.0, 6.0)
    assert value(alpha(KRIPPENDORFF_2011)) == pytest.approx(0.743, abs=5e-4)
    assert value(alpha(KRIPPENDORFF_2011, "ordinal")) == pytest.approx(0.815, abs=5e-4)
    assert value(alpha(KRIPPENDORFF_2011, interval(values))) == pytest.approx(0.849, abs=5e-4)
    assert value(alpha(KRIPPENDORFF_2011, ratio(values))) == pytest.approx(0.797, abs=5e-4)


def test_three_coders_with_many_gaps() -> None:
    """The example of the article "Krippendorff's alpha" in Wikipedia: .691 and .811."""
    answers = table(
        [
            [N, N, N, N, N, 3, 4, 1, 2, 1, 1, 3, 3, N, 3],
            [1, N, 2, 1, 3, 3, 4, 3, N, N, N, N, N, N, N],
            [N, N, 2, 1, 3, 4, 4, N, 2, 1, 1, 3, 3, N, 4],
        ],
        5,
    )[:, 1:]
    assert value(alpha(answers)) == pytest.approx(0.691, abs=5e-4)
    assert value(alpha(answers, interval(np.arange(1.0, 5.0)))) == pytest.approx(0.811, abs=5e-4)


def test_gwet_on_four_raters() -> None:
    """Handbook of Inter-Rater Reliability, 4th ed.: .81818, AC1 .77544, Fleiss .76117."""
    assert value(percent(KRIPPENDORFF_2011)) == pytest.approx(0.81818, abs=5e-6)
    assert value(gwet_ac(KRIPPENDORFF_2011)) == pytest.approx(0.77544, abs=5e-6)
    assert value(fleiss_kappa(KRIPPENDORFF_2011)) == pytest.approx(0.76117, abs=5e-6)


def test_the_paradox_of_kappa() -> None:
    """Gwet, "Kappa statistic is not satisfactory ...", 2002: 118, 5, 2 and 0 of 125 patients:
    agreement .944, kappa -.0234, AC1 .941."""
    confusion = np.array([[118, 5], [2, 0]])
    answers = np.repeat([[2, 0], [1, 1], [0, 2]], [118, 7, 0], axis=0)
    assert value(percent(answers)) == pytest.approx(0.944)
    assert value(cohen_kappa(confusion)) == pytest.approx(-0.0234, abs=5e-5)
    assert value(gwet_ac(answers)) == pytest.approx(0.941, abs=5e-4)


FLEISS_1971 = np.array(
    [
        [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0], [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0], [1, 1, 0, 4, 0], [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1],
        [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0], [0, 2, 0, 4, 0], [1, 0, 2, 0, 3],
        [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0], [1, 0, 0, 4, 1],
        [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
    ]
)  # fmt: skip
"""Fleiss, "Measuring nominal scale agreement among many raters", 1971, table 1: 30 patients, six
psychiatrists, five diagnoses."""


def test_fleiss_1971() -> None:
    assert FLEISS_1971.sum(axis=0).tolist() == [26, 26, 30, 55, 43]
    assert value(fleiss_kappa(FLEISS_1971)) == pytest.approx(0.430, abs=5e-4)


def test_fourteen_raters() -> None:
    """The example of the article "Fleiss' kappa" in Wikipedia: .210."""
    answers = np.array(
        [
            [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
        ]
    )  # fmt: skip
    assert value(fleiss_kappa(answers)) == pytest.approx(0.210, abs=5e-4)


COHEN = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
"""Cohen, "A coefficient of agreement for nominal scales", 1960, table 2: 200 patients."""


def test_cohen_1960_and_1968() -> None:
    assert value(cohen_kappa(COHEN)) == pytest.approx(0.492, abs=5e-4)
    disagreement = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])  # "Weighted kappa", 1968
    weighted = cohen_kappa(COHEN, 1 - disagreement / 6)
    assert value(weighted) == pytest.approx(0.348, abs=5e-4)


def test_masi() -> None:
    """Passonneau, "Measuring agreement on set-valued items", 2006: Jaccard times 1, 2/3, 1/3, 0."""
    sets = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]], bool)
    far = masi(sets)
    assert far[0, 1] == pytest.approx(1 - 2 / 4 * 2 / 3)
    assert far[0, 2] == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert far[0].tolist()[3:] == [1, 1]
    assert np.diag(far).tolist() == [0] * 5


def test_baseball_1987() -> None:
    """Agresti, Categorical Data Analysis, section 11.6: strengths over Baltimore's."""
    wins = np.array(
        [  # Milwaukee, Detroit, Toronto, New York, Boston, Cleveland, Baltimore
            [0, 7, 9, 7, 7, 9, 11],
            [6, 0, 7, 5, 11, 9, 9],
            [4, 6, 0, 7, 7, 8, 12],
            [6, 8, 6, 0, 6, 7, 10],
            [6, 2, 6, 7, 0, 7, 12],
            [4, 4, 5, 6, 6, 0, 6],
            [2, 4, 1, 3, 1, 7, 0],
        ]
    )
    found = bradley_terry(wins, np.zeros((7, 7)))
    assert not hasattr(found, "reason")
    strengths = np.array([one.value for one in found.responses])
    expected = [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0]
    assert strengths - strengths[-1] == pytest.approx(np.array(expected), abs=5e-3)
    assert found.ties is None
