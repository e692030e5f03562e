"""An item's fields, made ready to be drawn: trees of text, and no HTML anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotate.chats import Turn, chat
from annotate.json_text import Number, compact, read_json, whole
from annotate.markdown import Node, markdown
from annotate.model import Item
from annotate.project import Project


def nodes(project: Project, item: Item) -> list[dict[str, Any]]:
    """Every field as JSON for the page: `{name, kind, ...}`, in the project's order.

    text: `text`. code: `text`, `language`. markdown: `nodes`, see annotate.markdown. chat:
    `messages`, each `{role, nodes}`. pairs: `pairs`, each `[key, text]`. What cannot be read as
    its kind (broken JSON, say) is of kind text, so that it is shown as it is. `source` is the
    stored text of a field that is not shown as it is and that spans or a draft lie in. `text` and
    `source` have as many code points as what is stored.
    """
    worked_on = _worked_on(project)
    made = []
    for name in project.fields:
        text = item.fields.get(name, "")
        one = field(project, name, text)
        source = {"source": whole(text)} if name in worked_on and "text" not in one else {}
        made.append(one | source)
    return made


def _worked_on(project: Project) -> set[str]:
    """The fields that some question marks or edits: these need the text as it is stored."""
    keys = ("field", "draft")
    return {getattr(question, key, "") for question in project.questions for key in keys}


def field(project: Project, name: str, text: str) -> dict[str, Any]:
    """One field, see `nodes`."""
    settings = project.shows[name]
    made = _KINDS[settings.show](text)
    if made is None:
        return {"name": name, "kind": "text", "text": whole(text)}
    extra = {"language": settings.language or ""} if settings.show == "code" else {}
    return {"name": name, "kind": settings.show, **made, **extra}


def _text(text: str) -> dict[str, Any]:
    return {"text": whole(text)}


def _markdown(text: str) -> dict[str, Any]:
    return {"nodes": markdown(text)}


def _chat(text: str) -> dict[str, Any] | None:
    turns = chat(text)
    if turns is None:
        return None
    return {"messages": [{"role": turn.role, "nodes": list(_spoken(turn))} for turn in turns]}


def _spoken(turn: Turn) -> Iterator[Node]:
    """Models write Markdown, people type."""
    if turn.role.casefold() == "assistant":
        yield from markdown(turn.text)
    elif turn.text:
        yield {"tag": "p", "children": [turn.text]}
    if turn.extra:
        yield {"tag": "pre", "children": [{"tag": "code", "children": [turn.extra]}]}


def _pairs(text: str) -> dict[str, Any] | None:
    value = read_json(text)
    if not isinstance(value, dict):
        return None
    return {"pairs": [[whole(key), whole(_cell(given))] for key, given in value.items()]}


def _cell(value: object) -> str:
    """
    >>> _cell("a"), _cell(None), _cell(["a", 1]), _cell(Number("1.50"))
    ('a', 'null', '["a", 1]', '1.50')
    """
    if isinstance(value, str):
        return value
    return value.literal if isinstance(value, Number) else compact(value)


_KINDS: Mapping[str, Any] = {
    "text": _text,
    "markdown": _markdown,
    "chat": _chat,
    "code": _text,
    "pairs": _pairs,
}
