"""What a browser sends: `SyncRequest`, checked key by key before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from annotate.errors import AnnotateError

Id = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\w.:-]+$")]
Words = Annotated[str, Field(max_length=10_000)]
Seconds = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Answers = dict[Annotated[str, Field(max_length=64)], JsonValue]
MOST_OPERATIONS = 100
MOST_WANTED = 20


class Malformed(AnnotateError):
    """A request is not in the form of the protocol; nothing of it was done."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _OnTask(_Part):
    id: Id
    task: Id
    attempt: int = Field(ge=0)


class Answer(_OnTask):
    """All open questions of a task answered. exposure: what the browser showed, and when."""

    op: Literal["answer"] = "answer"
    answers: Answers
    note: Words | None = None
    seconds: dict[Annotated[str, Field(max_length=64)], Seconds] = Field(default_factory=dict)
    exposure: dict[str, JsonValue] = Field(default_factory=dict, max_length=20)


class Skip(_OnTask):
    """Left to somebody else, with a reason if there is one."""

    op: Literal["skip"] = "skip"
    reason: Words | None = None
    seconds: Seconds | None = None


class Flag(_OnTask):
    """Shown to the lead; the item can still be answered."""

    op: Literal["flag"] = "flag"
    comment: Words


class Undo(_Part):
    """An answer or skip taken back."""

    op: Literal["undo"] = "undo"
    id: Id
    target: Id


class Revise(_Part):
    """Other answers in place of those of an earlier operation."""

    op: Literal["revise"] = "revise"
    id: Id
    target: Id
    answers: Answers
    note: Words | None = None


class Second(_Part):
    """Answers after the machine's were revealed, beside those of the earlier operation."""

    op: Literal["second"] = "second"
    id: Id
    target: Id
    answers: Answers


class Draft(_Part):
    """Unfinished answers."""

    op: Literal["draft"] = "draft"
    id: Id
    task: Id
    answers: Answers


Op = Annotated[Answer | Skip | Flag | Undo | Revise | Second | Draft, Field(discriminator="op")]


class SyncRequest(_Part):
    """Operations in order, the tasks in the browser, and how many more it wants. leave: tasks that
    a window which is going away has in hand and nobody has begun."""

    request: Id
    ops: list[Op] = Field(default_factory=list, max_length=MOST_OPERATIONS)
    holding: list[Id] = Field(default_factory=list, max_length=500)
    leave: list[Id] = Field(default_factory=list, max_length=500)
    want: int = Field(default=0, ge=0, le=MOST_WANTED)
    language: Literal["en", "zh"] = "en"


def read_request(sent: object) -> SyncRequest:
    """The request in `sent`, which is JSON already taken apart. Raises Malformed, naming what."""
    try:
        return SyncRequest.model_validate(sent)
    except ValidationError as error:
        raise Malformed("; ".join(map(_named, error.errors()[:3]))) from None


def _named(problem: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"]) or "the request"
    return f"{where}: {problem['msg']}"
