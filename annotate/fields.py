"""An item's fields, made ready to be read: by people as trees of text, by a model as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.markdown import Node, markdown, whole
from annotate.model import Item
from annotate.project import Project

STRUCTURED = ("chat", "pairs")
"""What is kept as JSON text."""

_SPOKEN_AS = {"human": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
_LISTS = ("messages", "conversations", "conversation")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a chat. extra: whatever came with it, as JSON text; "" when nothing did."""

    role: str
    text: str
    extra: str = ""


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


def read_as(project: Project, name: str, item: Item) -> str:
    """One field as a model reads it: a chat as a transcript, all else as it is stored."""
    text = item.fields[name]
    if name not in transcripts(project) or (turns := chat(text)) is None:
        return text
    return "\n\n".join(f"{turn.role}: {_said(turn)}" for turn in turns)


def transcripts(project: Project) -> tuple[str, ...]:
    """The fields that a model reads as transcripts: those shown as chats."""
    return tuple(name for name, shown in project.shows.items() if shown.show == "chat")


def read_fields(project: Project) -> tuple[object, ...]:
    """What a model is given of an item: the fields' names, and which of them are transcripts."""
    spoken = transcripts(project)
    return tuple((name, "chat") if name in spoken else name for name in project.fields)


def _said(turn: Turn) -> str:
    return "\n".join(part for part in (turn.text, turn.extra) if part)


def chat(text: str) -> list[Turn] | None:
    """The messages in JSON text; None where it holds none.

    A list of `{"role", "content"}` or `{"from", "value"}`, or an object that holds nothing but
    such a list under `messages` or `conversations`. Content is text or a list of parts.

    >>> chat('[{"from": "human", "value": "Hi"}]')
    [Turn(role='user', text='Hi', extra='')]
    """
    value = _json(text)
    if isinstance(value, dict) and len(value) == 1:
        value = next((value[key] for key in _LISTS if key in value), None)
    if not isinstance(value, list) or not value:
        return None
    turns = [_turn(message) for message in value]
    return None if None in turns else [turn for turn in turns if turn is not None]


def _turn(message: object) -> Turn | None:
    if not isinstance(message, dict):
        return None
    rest = dict(message)
    role, content = (
        (rest.pop("role"), rest.pop("content", None))
        if "role" in rest
        else (rest.pop("from", None), rest.pop("value", None))
    )
    if not isinstance(role, str):
        return None
    said, parts = _content(content)
    left = [part for part in (*parts, rest) if part]
    role = whole(_SPOKEN_AS.get(role.casefold(), role))
    return Turn(role, said, "\n".join(map(_compact, left)))


def _content(content: object) -> tuple[str, list[object]]:
    """The text of a message, and the parts of it that are not text."""
    if content is None:
        return "", []
    if isinstance(content, str):
        return whole(content), []
    if not isinstance(content, list):
        return whole(_compact(content)), []
    texts = [(part, _text_of(part)) for part in content]
    said = "\n".join(text for _, text in texts if text is not None)
    return whole(said), [part for part, text in texts if text is None]


def _text_of(part: object) -> str | None:
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and set(part) == {"type", "text"} and part["type"] == "text":
        return part["text"] if isinstance(part["text"], str) else None
    return None


def _compact(value: object) -> str:
    return whole(json.dumps(value, ensure_ascii=False))


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
    value = _json(text)
    if not isinstance(value, dict):
        return None
    return {"pairs": [[whole(key), whole(_cell(given))] for key, given in value.items()]}


def _cell(value: object) -> str:
    """
    >>> _cell("a"), _cell(None), _cell(["a", 1]), _cell(_Number("1.50"))
    ('a', 'null', '["a", 1]', '1.50')
    """
    if isinstance(value, str):
        return value
    return value.literal if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


class _Number(float):
    """A number that knows how it was written."""

    literal: str

    def __new__(cls, literal: str) -> _Number:
        made = super().__new__(cls, literal)
        made.literal = literal
        return made


def _json(text: str) -> Any:
    """What JSON text says; None where it is none, or says something twice, or nests too deep."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_float=_Number)
        json.dumps(value)  # what cannot be written again is not worth reading
    except (ValueError, RecursionError):
        return None
    return value


def _object(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice: one of the two would be lost")
    return made


_KINDS: Mapping[str, Any] = {
    "text": _text,
    "markdown": _markdown,
    "chat": _chat,
    "code": _text,
    "pairs": _pairs,
}
