"""What the tests of commands run them with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Command: TypeAlias = Callable[..., tuple[int, str, str]]
"""The words of a command -> its exit code, output and errors."""
