"""How many items to draw, and looking at an audit before it is finished."""

import numpy as np
import pytest

from routing.audit import Look, audit_size, planned_looks
from routing.certificate import critical_value, cut_at, too_many


@pytest.mark.parametrize(
    ("population", "tolerance", "expected"),
    [
        (2000, 0.05, 365),  # 44.72 x 8.142 = 364.1
        (2000, 0.1, 225),  # 44.72 x 5.012 = 224.1
        (2000, 0.4, 85),
        (600, 0.05, 200),  # 24.49 x 8.142 = 199.4, and a third of 600
        (590, 0.05, 196),  # a third
        (2000, 1.0, 45),
        (100, 0.05, 0),
        (0, 0.05, 0),
    ],
)
def test_audit_size(population: int, tolerance: float, expected: int) -> None:
    assert audit_size(population, tolerance, 0.05) == expected


def test_planned_looks_share_alpha() -> None:
    assert planned_looks(240, 0.06) == (Look(80, 0.02), Look(160, 0.02), Look(240, 0.02))
    assert planned_looks(100, 0.05, count=1) == (Look(100, 0.05),)
    with pytest.raises(ValueError, match=r"count is 0, but must be 1\.\.100"):
        planned_looks(100, 0.05, count=0)


def test_looking_early_breaks_no_more_promises_than_alpha() -> None:
    """Stops at the first look that certifies anything; the rate is over whole procedures."""
    rng = np.random.default_rng(3)
    m, tolerance, alpha, runs = 600, 0.1, 0.15, 600
    wrong = rng.random(m) < np.linspace(0.05, 0.6, m)
    looks = planned_looks(120, alpha)
    broken = 0
    for _ in range(runs):
        drawn = rng.permutation(m)[:120]
        for look in looks:
            audited = np.zeros(m, dtype=bool)
            audited[drawn[: look.audited]] = True
            critical = critical_value(m, look.audited, tolerance, look.alpha)
            cut = cut_at(audited & wrong, critical)
            if cut > 0.5 * m:  # good enough: stop here
                break
        broken += int((wrong & ~audited)[:cut].sum()) >= too_many(tolerance, m)
    assert broken / runs <= alpha + 3 * np.sqrt(alpha * (1 - alpha) / runs)
