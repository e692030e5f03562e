"""What a measure comes to: a number with its interval, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Estimate:
    """value: of the measure. low, high: ends of its 95 % interval; None where drawing the items
    again changes nothing, so that they say nothing of how sure it is. items: it rests on."""

    value: float
    low: float | None
    high: float | None
    items: int


@dataclass(frozen=True, slots=True)
class Undefined:
    """There is no number, and this is why, in words that follow a colon."""

    reason: str
    items: int = 0


Measure: TypeAlias = Estimate | Undefined


def value_of(measure: Measure | None) -> float | None:
    """The number alone; None where there is none.

    >>> value_of(Estimate(0.5, None, None, 3)), value_of(Undefined("no item has two answers"))
    (0.5, None)
    """
    return measure.value if isinstance(measure, Estimate) else None


def told(measure: Measure, *, percent: bool = False) -> str:
    """A measure in a few characters; the word for none where there is none.

    >>> told(Estimate(0.90049, 0.87, 0.93, 412), percent=True)
    '90 % (87-93)'
    >>> told(Estimate(0.691, 0.5, 1.0, 12)), told(Undefined("no item has two answers"))
    ('.69 (.50 to 1.00)', 'not defined')
    """
    if isinstance(measure, Undefined):
        return "not defined"
    if percent:
        value, ends = f"{100 * measure.value:.0f} %", (measure.low, measure.high)
        low, high = (None if end is None else f"{100 * end:.0f}" for end in ends)
        return value if low is None else f"{value} ({low}-{high})"
    value = decimal(measure.value)
    if measure.low is None or measure.high is None:
        return value
    return f"{value} ({decimal(measure.low)} to {decimal(measure.high)})"


def decimal(value: float) -> str:
    """Two places, without the nought that coefficients are written without.

    >>> decimal(0.7), decimal(-0.05), decimal(1.0), decimal(-0.001)
    ('.70', '-.05', '1.00', '.00')
    """
    text = f"{value:.2f}".replace("-0.00", "0.00")
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
