"""Exports of other tools: what their records come to as rows, with what people and models said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from annotate.importers.protocol import Record, Row, Source
from routing.registry import Registry

Raw: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool's export, read from JSON, JSON Lines or Parquet, or from a folder.

    title: its name for people. knows: whether a raw record looks like one of its own; sure: nothing
    else looks like that. convert: a raw record as a row with what came along; raises ValueError
    with the rule that it breaks. draft: the field that people go on with, where rows hold finished
    texts. folder: reads one, where the tool keeps its data in several files; holds: whether it is
    one.
    """

    title: str
    knows: Callable[[Raw], bool]
    convert: Callable[[Record, Source], Record]
    sure: bool = True
    draft: str = ""
    folder: Callable[[Source], Iterator[Row]] | None = None
    holds: Callable[[Path], bool] = lambda path: False


TOOLS: Registry[Tool] = Registry("tool")


def tool_of(values: Raw) -> str | None:
    """The name of the tool that this raw record is from, the surest first; None for a plain row."""
    found = [(not tool.sure, name) for name, tool in TOOLS.items() if tool.knows(values)]
    return min(found)[1] if found else None


def texts_of(values: Raw) -> list[str]:
    """The keys that hold text, in their order."""
    return [key for key, value in values.items() if isinstance(value, str)]
