"""Which of somebody's changes meet what others changed in the meantime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from annotate.project.editing import value_at
from annotate.project.tree import KeyPath, parse_yaml, plain


def overtaken(began: str, now: str, paths: Iterable[KeyPath]) -> Iterator[KeyPath]:
    """The paths at which the two texts of a project file differ, or lead to another entry.

    Entries of lists are known by their names: where a list has other entries, or the same ones in
    another order, every path through it is overtaken.
    """
    old, new = _values(began), _values(now)
    for path in paths:
        if repr(value_at(old, path)) != repr(value_at(new, path)) or any(
            _names(value_at(old, path[:at])) != _names(value_at(new, path[:at]))
            for at, step in enumerate(path)
            if isinstance(step, int)
        ):
            yield path


def _values(text: str) -> Any:
    return plain(parse_yaml(text, "task.yaml")[0])


def _names(entries: Any) -> list[Any]:
    if not isinstance(entries, list):
        return []
    return [one.get("name") if isinstance(one, dict) else one for one in entries]
