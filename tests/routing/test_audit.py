"""How many items to draw."""

import pytest

from routing.audit import audit_size


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
