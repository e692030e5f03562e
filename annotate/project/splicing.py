"""Where the values of a YAML text stand, by character, and one value put in another's place."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from annotate.project.tree import KeyPath
from annotate.project.written import CannotSplice, as_entry, as_flow, as_item


def spliced(text: str, path: KeyPath, value: Any, *, remove: bool) -> str:
    """`text` with the value at `path` replaced, put in or removed, all else untouched.

    Line ends are `\\n`. Raises CannotSplice or LookupError where that is not possible; whoever
    calls compares the values before and after, because anchors and aliases are not seen here.
    """
    root = YAML().compose(io.StringIO(text))
    found: list[Node] = [root]
    for step in path[:-1]:
        child = _child(found[-1], step)
        if child is None or str(child.tag).endswith(":null"):
            missing = len(found)
            return _put(text, found[-1], path[missing - 1], _nested(path[missing:], value))
        found.append(child)
    flow = next((at for at, node in enumerate(found) if _in_flow(node)), None)
    if flow is not None:
        return _flow_again(text, found[flow], path[flow:], value, remove)
    if remove:
        return _without(text, found[-1], path)
    return _put(text, found[-1], path[-1], value)


def _nested(path: KeyPath, value: Any) -> Any:
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _in_flow(node: Node) -> bool:
    """Whether it is a collection in brackets or braces."""
    return isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style)


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: Node = node.value[step]
        return found
    return None


def _put(text: str, parent: Node, step: str | int, value: Any) -> str:
    """Replace an entry of a block mapping or list, or add one behind its last."""
    if _in_flow(parent):
        return _flow_again(text, parent, (step,), value, remove=False)
    if isinstance(parent, MappingNode):
        for key, old in parent.value:
            if key.value == str(step):
                column = key.start_mark.column
                new = as_entry("k", value, column)[2:].removeprefix(" ")
                return _replaced(text, _colon(text, key), old, new)
        column = parent.value[0][0].start_mark.column
        return _added(text, parent, as_entry(step, value, column), column)
    if not isinstance(parent, SequenceNode):
        raise CannotSplice("neither keys nor a list")
    column = _dash(text, parent.value[0]) - _line_start(text, _dash(text, parent.value[0]))
    if step == len(parent.value):
        return _added(text, parent, as_item(value, column), column)
    old = parent.value[int(step)]
    dash = _dash(text, old)
    return _replaced(text, dash + 1, old, as_item(value, column)[1:].removeprefix(" "))


def _replaced(text: str, after: int, old: Node, new: str) -> str:
    """after: where the colon or dash before the value ends."""
    end = _end(text, old, after)
    empty = end == after
    block = isinstance(old, MappingNode | SequenceNode) and not _in_flow(old)
    start = after if empty or block else old.start_mark.index
    if new.startswith("\n"):  # a collection: it begins on the next line
        start = after
    before = " " if start == after and not new.startswith("\n") else ""
    comment, rest = _comment_behind(text, old, end)
    first, line_end, others = new.partition("\n")
    return f"{text[:start]}{before}{first}{comment}{line_end}{others}{rest}"


def _comment_behind(text: str, old: Node, end: int) -> tuple[str, str]:
    """What stands behind the value on its first line, and the text behind that and the value."""
    if isinstance(old, ScalarNode) and old.style in ("|", ">"):
        header = text[old.start_mark.index : _line_end(text, old.start_mark.index)]
        found = re.search(r"\s+#.*", header)
        return (found.group() if found else "", text[end:])
    stop = _line_end(text, end)
    if isinstance(old, MappingNode | SequenceNode) and not _in_flow(old):
        return "", text[end:]
    return text[end:stop], text[stop:]


def _added(text: str, parent: Node, new: str, column: int) -> str:
    """Behind the last entry of a block mapping or list, on a line of its own."""
    at = _line_end(text, _end(text, parent, 0))
    return f"{text[:at]}\n{' ' * column}{new}{text[at:] or chr(10)}"


def _without(text: str, parent: Node, path: KeyPath) -> str:
    """The text without one entry of a block mapping or list."""
    if len(parent.value) == 1:
        empty: Any = {} if isinstance(parent, MappingNode) else []
        return spliced(text, path[:-1], empty, remove=False)
    if isinstance(parent, MappingNode):
        at = [key.value for key, _ in parent.value].index(str(path[-1]))
        key, value = parent.value[at]
        start, end = key.start_mark.index, _end(text, value, _colon(text, key))
        following = parent.value[at + 1][0].start_mark.index if at + 1 < len(parent.value) else None
    else:
        value, following = parent.value[int(path[-1])], None
        start = _dash(text, value)
        end = _end(text, value, start + 1)
    line = _line_start(text, start)
    if not text[line:start].strip():
        return text[:line] + text[_line_end(text, end) + 1 :]
    if following is None:
        raise CannotSplice("nothing follows on this line")
    return text[:start] + text[following:]


def _flow_again(text: str, node: Node, path: KeyPath, value: Any, remove: bool) -> str:
    """A collection in brackets or braces is written again as a whole."""
    values = YAML(typ="safe").load(text[node.start_mark.index : node.end_mark.index])
    holder = values
    for step in path[:-1]:
        holder = holder[step] if isinstance(step, int) else holder.setdefault(step, {})
    last: Any = path[-1]
    if remove:
        del holder[last]
    elif isinstance(holder, list) and last == len(holder):
        holder.append(value)
    else:
        holder[last] = value
    return text[: node.start_mark.index] + as_flow(values) + text[node.end_mark.index :]


def _end(text: str, node: Node, after: int) -> int:
    """Where the value ends, without the blanks, comments and line ends behind it.

    after: where it would have begun, for one that is not there.
    """
    if isinstance(node, ScalarNode):
        if node.style in ("|", ">"):
            return _block_end(text, node)
        return after if node.start_mark.index == node.end_mark.index else _index(node)
    if _in_flow(node):
        return _index(node)
    if isinstance(node, MappingNode):
        key, value = node.value[-1]
        return _end(text, value, _colon(text, key))
    last = node.value[-1]
    return _end(text, last, _dash(text, last) + 1)


def _index(node: Node) -> int:
    return int(node.end_mark.index)


def _block_end(text: str, node: ScalarNode) -> int:
    """Where the last line of a block scalar that is not blank ends."""
    end = _line_end(text, node.start_mark.index)
    indent, at = None, end + 1
    while at < len(text):
        stop = _line_end(text, at)
        line = text[at:stop]
        if line.strip():
            width = len(line) - len(line.lstrip(" "))
            indent = width if indent is None else indent
            if width < indent or at >= node.end_mark.index:
                break
            end = stop
        at = stop + 1
    return end


def _colon(text: str, key: Node) -> int:
    """Behind the colon of a key."""
    return text.index(":", key.end_mark.index) + 1


def _dash(text: str, item: Node) -> int:
    """The dash of an entry of a block list."""
    at = text.rindex("-", 0, item.start_mark.index)
    if text[at + 1 : item.start_mark.index].strip():
        raise CannotSplice("a comment stands between the dash and its value")
    return at


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found
