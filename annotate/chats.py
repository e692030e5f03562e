"""Chats: messages with roles, kept as JSON text; a model reads them as transcripts."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.json_text import compact, read_json, whole
from annotate.model import Item
from annotate.project import Project

_SPOKEN_AS = {"human": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
_LISTS = ("messages", "conversations", "conversation")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a chat. extra: whatever came with it, as JSON text; "" when nothing did."""

    role: str
    text: str
    extra: str = ""


def chat(text: str) -> list[Turn] | None:
    """The messages in JSON text; None where it holds none.

    A list of `{"role", "content"}` or `{"from", "value"}`, or an object that holds nothing but
    such a list under `messages` or `conversations`. Content is text or a list of parts.

    >>> chat('[{"from": "human", "value": "Hi"}]')
    [Turn(role='user', text='Hi', extra='')]
    """
    value = read_json(text)
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
    left = [*parts, *([rest] if rest else [])]
    role = whole(_SPOKEN_AS.get(role.casefold(), role))
    return Turn(role, said, "\n".join(map(compact, left)))


def _content(content: object) -> tuple[str, list[object]]:
    """The text of a message, and the parts of it that are not text."""
    if content is None:
        return "", []
    if isinstance(content, str):
        return whole(content), []
    if not isinstance(content, list):
        return whole(compact(content)), []
    texts = [(part, _text_of(part)) for part in content]
    said = "\n".join(text for _, text in texts if text is not None)
    return whole(said), [part for part, text in texts if text is None]


def _text_of(part: object) -> str | None:
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and set(part) == {"type", "text"} and part["type"] == "text":
        return part["text"] if isinstance(part["text"], str) else None
    return None


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
