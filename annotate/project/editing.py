"""Changes some values of a YAML text and leaves every other character of it as it was."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.util import load_yaml_guess_indent

from annotate.errors import AnnotateError
from annotate.project.splicing import spliced
from annotate.project.tree import KeyPath, dotted, has, parse_yaml, plain
from annotate.project.written import CannotSplice, with_blocks


class _Remove:
    def __repr__(self) -> str:
        return "REMOVE"


REMOVE: Final = _Remove()
"""As a value: the key, or the entry of the list, is taken out."""


def edited(text: str, changes: Mapping[KeyPath, object], *, name: str = "task.yaml") -> str:
    """`text` with these paths set, one after the other; comments, order and the rest stay.

    changes: path -> plain value, or REMOVE; what is not there is not removed. A path may end one
    behind the last entry of a list, and may lead through keys that are not there yet. Line ends are
    those that most lines of `text` have; a byte-order mark stays. name: of the file, for messages.
    Raises InvalidProject when `text` is no YAML, and AnnotateError for a path that leads nowhere
    or whose value the file has from another place.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    crlf = 2 * text.count("\r\n") > text.count("\n")
    old = text.removeprefix("\ufeff").replace("\r\n", "\n")
    for path, value in changes.items():
        old = _set(old, path, value, name)
    return mark + (old.replace("\n", "\r\n") if crlf else old)


def value_at(values: Any, path: KeyPath) -> Any:
    """What stands at `path` in plain values; REMOVE where nothing does."""
    for step in path:
        if not has(values, step):
            return REMOVE
        values = values[step]
    return values


def _set(text: str, path: KeyPath, value: object, name: str) -> str:
    """`text` with one path set. Whatever way it is done, the result is read again and compared."""
    now = _values(text, name)
    if value_at(now, path) is REMOVE and value is REMOVE:
        return text
    wanted = repr(_with(now, path, value))
    if repr(now) == wanted:
        return text
    for way in (_by_splicing, _by_writing_anew):
        try:
            changed = way(text, path, value)
            if repr(_values(changed, name)) == wanted:
                return changed
        except (CannotSplice, YAMLError, AnnotateError, LookupError):
            continue
    raise AnnotateError(
        f"{name}: {dotted(path)} cannot be changed by itself, because the file repeats a part "
        "(& and *) or is written in an unusual form: change it in an editor"
    )


def _by_splicing(text: str, path: KeyPath, value: object) -> str:
    if value is REMOVE:
        return spliced(text, path, None, remove=True)
    return spliced(text, path, value, remove=False)


def _by_writing_anew(text: str, path: KeyPath, value: object) -> str:
    """The whole tree written again: comments stay, blanks between values may not."""
    writer = YAML()
    writer.preserve_quotes, writer.width = True, 10**9
    tree, mapping, offset = load_yaml_guess_indent(text, yaml=writer)
    node = tree
    for step in path[:-1]:
        node = node[step]
    if value is REMOVE:
        del node[path[-1]]
    elif isinstance(node, list) and path[-1] == len(node):
        node.append(with_blocks(value))
    else:
        node[path[-1]] = with_blocks(value)
    if mapping and offset is not None:
        writer.indent(mapping=mapping, sequence=offset + 2, offset=offset)
    out = io.StringIO()
    writer.dump(tree, out)
    return out.getvalue()


def _values(text: str, name: str) -> Any:
    try:
        return _unshared(plain(parse_yaml(text, name)[0]))
    except RecursionError:
        raise AnnotateError(f"{name} contains itself (& and *): change it in an editor") from None


def _unshared(values: Any) -> Any:
    """A copy in which what an alias repeats is there several times."""
    if isinstance(values, dict):
        return {key: _unshared(value) for key, value in values.items()}
    return [_unshared(value) for value in values] if isinstance(values, list) else values


def _with(values: Any, path: KeyPath, value: object) -> Any:
    """A copy of `values` in which the path is set."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return _in_list(values, step, rest, path, value)
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        raise _nowhere(path)
    if value is REMOVE and not rest:
        return {key: old for key, old in values.items() if key != step}
    return {**values, step: _with(values.get(step), rest, value)}


def _in_list(values: Any, at: int, rest: KeyPath, path: KeyPath, value: object) -> list[Any]:
    if not isinstance(values, Sequence) or isinstance(values, str) or not 0 <= at <= len(values):
        raise _nowhere(path)
    listed = list(values)
    if value is REMOVE and not rest:
        return listed[:at] + listed[at + 1 :]
    old = listed[at] if at < len(listed) else None
    return [*listed[:at], _with(old, rest, value), *listed[at + 1 :]]


def _nowhere(path: KeyPath) -> AnnotateError:
    return AnnotateError(
        f"{dotted(path)} leads nowhere in the project file: name a key, or an entry of a list "
        "from 0 up to one behind the last"
    )
