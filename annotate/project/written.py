"""Plain values as YAML text, ready to be put at a column of a file."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

LONGEST_FLOW = 80
"""Characters of a list of scalars that stands on one line."""


class CannotSplice(Exception):
    """This place of the file is written in a form that is not cut by character."""


def as_entry(key: object, value: object, column: int) -> str:
    """`key: value` for a block mapping whose keys are at `column`; no line end behind it."""
    return _moved(_dumped({key: with_blocks(value)}), column)


def as_item(value: object, column: int) -> str:
    """`- value` for a block list whose dashes are at `column`; no line end behind it."""
    return _moved(_dumped([with_blocks(value)]), column)


def as_flow(value: object) -> str:
    """The value on one line, as it stands inside brackets or braces."""
    writer = _writer()
    writer.default_flow_style = True
    writer.brace_single_entry_mapping_in_flow_sequence = True
    out = io.StringIO()
    writer.dump(_in_flow(value), out)
    text = out.getvalue().removesuffix("\n").removesuffix("\n...")
    if "\n" in text:
        raise CannotSplice("several lines")
    return text


def with_blocks(value: Any) -> Any:
    """The value with each text of several lines as a block, and short lists on one line."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return CommentedMap((key, with_blocks(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        listed = CommentedSeq(with_blocks(one) for one in value)
        if _short(value):
            listed.fa.set_flow_style()
        return listed
    return value


def _text(value: str) -> object:
    """A text of lines as a block; what a block would lose at its end, in quotes."""
    if "\n" not in value:
        return value
    if value.endswith("\n\n") or not value.strip():
        return DoubleQuotedScalarString(value)
    return LiteralScalarString(value)


def _short(values: Sequence[object]) -> bool:
    """Whether a list of single values fits on a line."""
    alone = all(isinstance(one, str | int | float) and "\n" not in str(one) for one in values)
    return alone and sum(len(str(one)) + 2 for one in values) <= LONGEST_FLOW


def _in_flow(value: Any) -> Any:
    """The value in braces and brackets; its texts as they are, blocks cannot stand there."""
    if isinstance(value, Mapping):
        made = CommentedMap((key, _in_flow(one)) for key, one in value.items())
        made.fa.set_flow_style()
        return made
    if isinstance(value, list | tuple):
        listed = CommentedSeq(_in_flow(one) for one in value)
        listed.fa.set_flow_style()
        return listed
    return value


def _dumped(value: Any) -> str:
    out = io.StringIO()
    _writer().dump(value, out)
    return out.getvalue().removesuffix("\n")


def _writer() -> YAML:
    writer = YAML()
    writer.width = 10**9
    return writer


def _moved(text: str, column: int) -> str:
    """Every line but the first moved to the right; empty ones stay empty."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * column + line if line else "" for line in rest)])
