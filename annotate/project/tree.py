"""YAML text -> a tree that knows its lines, and the plain values in it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.reader import ReaderError

from annotate.errors import InvalidProject, Problem

KeyPath = tuple[str | int, ...]

_YAML_REMEDY = "Check indentation and colons; put text with special characters in quotes."
FIRST_TASK = "`coannotate init` writes a first one."


def parse_yaml(text: str, name: str, *, first: str = FIRST_TASK) -> tuple[Any, list[Problem]]:
    """The tree of a mapping, and a problem for every key that stands twice in one place.

    first: what to do about a file without keys. Raises InvalidProject when the text is no YAML or
    holds no keys.
    """
    reader = YAML(typ="rt")
    reader.allow_duplicate_keys = True  # they are reported below, all of them
    try:
        node = reader.compose(io.StringIO(text))
        twice = [_twice(path, line) for path, line in _repeated(node, ())]
        tree = None if node is None else reader.constructor.construct_document(node)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        rule = f"holds the control character U+{ord(text[error.position]):04X}"
        raise _no_yaml(name, line, rule, "Remove it.") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        rule = f"is not YAML: {_said(error)}"
        raise _no_yaml(name, mark.line + 1 if mark else None, rule, _remedy(error)) from None
    except (YAMLError, ValueError) as error:
        rule = f"is not YAML: {str(error).splitlines()[0]}"
        raise _no_yaml(name, None, rule, _YAML_REMEDY) from None
    except RecursionError:
        raise _no_yaml(name, None, "is nested too deep", _YAML_REMEDY) from None
    if not isinstance(tree, Mapping):
        rule = "holds no keys" if tree is None else f"is {_kind(tree)}, not `key: value` lines"
        raise _no_yaml(name, 1, rule, first)
    return tree, twice


def plain(node: Any, _seen: dict[int, Any] | None = None) -> Any:
    """The tree as plain dicts, lists and scalars. What an alias repeats is one object."""
    seen: dict[int, Any] = {} if _seen is None else _seen
    if id(node) in seen:
        return seen[id(node)]
    if isinstance(node, Mapping):
        copied: dict[Any, Any] = {}
        seen[id(node)] = copied
        copied.update((key, plain(value, seen)) for key, value in node.items())
        return copied
    if isinstance(node, Sequence) and not isinstance(node, str | bytes):
        listed: list[Any] = []
        seen[id(node)] = listed
        listed.extend(plain(value, seen) for value in node)
        return listed
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def has(node: Any, step: str | int) -> bool:
    """Whether a mapping or list has this key or place."""
    if isinstance(node, Mapping):
        return step in node
    listed = isinstance(node, Sequence) and not isinstance(node, str)
    return listed and isinstance(step, int) and step < len(node)


def line_of(tree: Any, path: KeyPath) -> int:
    """The 1-based line of the deepest part of `path` that is in the file."""
    node, line = tree, 1
    for step in path:
        if not isinstance(node, CommentedBase) or not has(node, step):
            break
        where = node.lc.data.get(step) if node.lc.data else None
        line = where[0] + 1 if where else line
        node = node[step]  # type: ignore[index]
    return line


def dotted(path: KeyPath) -> str:
    """
    >>> dotted(("questions", 0, "labels", 2, "name"))
    'questions[0].labels[2].name'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "file"


def _repeated(node: Node | None, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    """(path, line) of every second key of the same name; aliases are not followed twice."""
    stack, seen = [(node, path)], set()
    while stack:
        node, path = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            stack += [(value, (*path, at)) for at, value in enumerate(node.value)]
        elif isinstance(node, MappingNode):
            names = [str(key.value) for key, _ in node.value]
            for at, (key, value) in enumerate(node.value):
                here = (*path, names[at])
                if names[at] in names[:at] and names[at] != "<<":
                    yield here, key.start_mark.line + 1
                stack.append((value, here))


def _twice(path: KeyPath, line: int) -> Problem:
    return Problem(line, dotted(path), "stands twice in one place", "Remove one of the two.")


def _no_yaml(name: str, line: int | None, rule: str, remedy: str) -> InvalidProject:
    return InvalidProject(name, [Problem(line, "file", rule, remedy)])


def _said(error: MarkedYAMLError) -> str:
    if "'\\t'" in (error.problem or ""):
        return "a tab stands where spaces belong"
    return str(error.problem or error.context)


def _remedy(error: MarkedYAMLError) -> str:
    tab = "'\\t'" in (error.problem or "")
    return "Indent with spaces." if tab else _YAML_REMEDY


def _kind(tree: Any) -> str:
    return "a list" if isinstance(tree, Sequence) and not isinstance(tree, str) else "one value"
