"""Questions that are asked only after certain answers to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_serializer,
)

Said = str | int


def _listed(given: Any) -> tuple[Said, ...]:
    """One value or a list of them, always as a tuple."""
    values = tuple(given) if isinstance(given, list | tuple) else (given,)
    if not values:
        raise ValueError("names no value")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, str | int):
            shown = str(value).lower() if isinstance(value, bool) else repr(value)
            raise ValueError(f"holds {shown}, which is neither text nor a whole number")
    return values


_ONE: dict[str, Any] = {"type": ["string", "integer"]}
_SCHEMA: dict[str, Any] = {"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1}]}


class When(BaseModel):
    """An earlier question, and the answers to it after which this one is asked.

    What an answer says is its value; of several labels or spans each label, of a preference the
    response or the tie, of a text its verdict.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(description="Name of an earlier question.")
    values: Annotated[tuple[Said, ...], BeforeValidator(_listed), WithJsonSchema(_SCHEMA)] = Field(
        alias="is", description="Its answer, or a list of answers any of which will do."
    )

    @model_serializer
    def as_json(self) -> dict[str, Any]:
        """As in a project file, with a list always."""
        return {"question": self.question, "is": list(self.values)}

    def met(self, said: tuple[Said, ...]) -> bool:
        """Whether an answer that says this is one of those waited for. 1 is not "1"."""
        return any(value in self.values for value in said)


def said_of(value: Any) -> tuple[Said, ...]:
    """What a condition may look at in an answer of any type; () for what it cannot compare.

    >>> said_of("spam"), said_of(["a", "b"]), said_of({"choice": "a", "strength": 2})
    (('spam',), ('a', 'b'), ('a',))
    >>> said_of([{"start": 0, "end": 2, "label": "x"}]), said_of({"verdict": "fix", "text": "t"})
    (('x',), ('fix',))
    """
    parts = value if isinstance(value, list) else [value]
    keys = ("choice", "verdict", "label")
    named = (
        [part[key] for key in keys if key in part] if isinstance(part, Mapping) else [part]
        for part in parts
    )
    return tuple(one for each in named for one in each)
