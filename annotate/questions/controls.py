"""What a screen must offer for a question, whatever draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotate.questions.protocol import QuestionSettings


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen: what is stored, what is shown, what it means.

    key: the character that chooses it, where the project names one; places choose by digits.
    """

    value: str
    title: str
    description: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that is rated by itself."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from `min` to `max`; `ends` says what these two mean, or nothing."""

    min: int
    max: int
    ends: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The complete description of a question; what its type does not have is None or empty.

    when: {"question": an earlier one, "is": [values, any of which]}. responses: the item fields to
    lay side by side, in the order of their options. min, max: how many labels, or characters, may
    be given. draft: the item field to edit, or "model". field: the item field that spans lie in.
    """

    name: str
    type: str
    text: str
    help: str | None = None
    when: Mapping[str, Any] | None = None
    options: tuple[Option, ...] = ()
    responses: tuple[str, ...] = ()
    min: int | None = None
    max: int | None = None
    aspects: tuple[Aspect, ...] = ()
    scale: Scale | None = None
    tie: bool | None = None
    strength: int | None = None
    field: str | None = None
    draft: str | None = None
    overlap: bool | None = None

    @classmethod
    def of(cls, settings: QuestionSettings, **own: Any) -> Control:
        """The control of these settings; own: what this type adds to what all have."""
        when = settings.when
        return cls(
            name=settings.name,
            type=settings.type,
            text=settings.text,
            help=settings.help or None,
            when=None if when is None else when.as_json(),
            **own,
        )

    def as_json(self) -> dict[str, Any]:
        """For the wire: only the keys that this question has, lists for tuples.

        >>> Control(name="q", type="text", text="Why?", max=9).as_json()
        {'name': 'q', 'type': 'text', 'text': 'Why?', 'max': 9}
        """
        pairs = asdict(self).items()
        return {key: _plain(value) for key, value in pairs if value is not None and value != ()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return value
