"""Labels: names with a meaning and, where the project likes, a key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from annotate.llm.replies import fold, forms
from annotate.questions.controls import Option
from annotate.questions.protocol import Mistake

RESERVED_KEYS = {
    "c": "Streamlit's own", "r": "Streamlit's own", "f": "flag", "n": "note", "u": "undo",
    "g": "guideline", "?": "all keys",
}  # fmt: skip
"""What these keys do on the page that people label on; Space, Enter and arrows are no characters
that could be named."""


class Label(BaseModel):
    """A name people and the model answer with, and what it covers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^\S(.*\S)?$",
        description="The label as people and the model answer it.",
    )
    description: str = Field(default="", description="What the label covers, and what not.")
    key: str = Field(
        default="",
        max_length=1,
        description="One character that chooses the label; digits always choose by place.",
    )

    def option(self) -> Option:
        return Option(self.name, self.name, self.description, self.key.lower())


def names_of(labels: Sequence[Label]) -> tuple[str, ...]:
    return tuple(label.name for label in labels)


def label_mistakes(labels: Sequence[Label]) -> list[Mistake]:
    """Names a reply could not tell apart, and keys that are taken."""
    return [*_alike(names_of(labels)), *_keys(labels)]


def _alike(names: Sequence[str]) -> Iterator[Mistake]:
    for at, name in enumerate(names):
        for other in names[:at]:
            if fold(name) == fold(other):
                rule = f"labels {other!r} and {name!r} are one name but for letter case"
            elif _unwrapped(name) & _unwrapped(other):
                rule = f"labels {other!r} and {name!r} differ only in quotes or a full stop"
            else:
                continue
            yield Mistake(rule, "A reply could mean either: rename or remove one.")


def _unwrapped(name: str) -> set[str]:
    return {fold(form) for form in forms(name)}


def _keys(labels: Sequence[Label]) -> Iterator[Mistake]:
    known: dict[str, str] = {}
    for at, label in enumerate(labels):
        key = label.key.lower()
        if not key:
            continue
        place = ("labels", at, "key")
        if key in known:
            rule = f"{label.key!r} is the key of label {known[key]!r} too"
            yield Mistake(rule, "Take another one.", place)
        elif key in RESERVED_KEYS:
            rule = f"{label.key!r} is taken: {RESERVED_KEYS[key]}"
            yield Mistake(rule, f"Take another one; taken are {_TAKEN}.", place)
        elif not re.fullmatch(r"[^\W\d_]|[!-/:->@\[-`{-~]", key):
            rule = f"{label.key!r} is {'a digit' if key.isdigit() else 'no key to press'}"
            yield Mistake(rule, "Take a letter or a sign; digits choose by place.", place)
        known.setdefault(key, label.name)


_TAKEN = ", ".join(sorted(key.upper() for key in RESERVED_KEYS))
