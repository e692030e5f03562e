"""How replies are asked for: as JSON objects bound to the answers, with log-probabilities.

Servers tell log-probabilities as they were before a schema ruled anything out. The best place to
read them is therefore a letter that the model writes freely: where they are told, ways with
letters go without a schema, and the first token is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from annotate.llm.prompts import Asked
from annotate.llm.providers.protocol import Form
from annotate.llm.replies import ABSTAIN
from annotate.llm.servers.capabilities import Capabilities
from annotate.llm.spoken.reading import answer_schema
from annotate.llm.variants import Variant, Way
from annotate.project.settings import LLMSettings


@dataclass(frozen=True, slots=True)
class Abilities:
    """What may be asked of a server besides text; nothing is taken for granted.

    json_schema: it holds replies to a schema. top_logprobs: how many alternatives it tells for
    each token; None when it tells no log-probabilities.
    """

    json_schema: bool = False
    top_logprobs: int | None = None

    NONE: ClassVar[Abilities]

    @staticmethod
    def seen(found: Capabilities) -> Abilities:
        """What the record of a server says yes to."""
        told = found.top_logprobs if found.logprobs.verdict == "yes" else None
        return Abilities(found.json_schema.verdict == "yes", told)

    def wanted(self, llm: LLMSettings) -> Abilities:
        """Those of them that a project wants used."""
        return Abilities(
            self.json_schema and llm.structured == "auto",
            self.top_logprobs if llm.logprobs == "auto" else None,
        )

    def bind(self, way: Way) -> bool:
        """Whether replies to this way of asking are JSON objects."""
        return self.json_schema and not (way.kind == "letters" and self.top_logprobs is not None)

    def form(self, asked: Asked, *, structured: bool, confidence: bool) -> Form:
        """The form of the reply to a prompt. confidence: whether it states one."""
        schema = _schema(asked, confidence=confidence) if structured else None
        return Form(schema, self.top_logprobs if tells_classes(asked) else None)

    def used(self, variants: Sequence[Variant], classes: int) -> dict[str, Any]:
        """What of this changes the calls: empty where they are plain text."""
        structured = [variant.name for variant in variants if self.bind(variant.way)]
        told = classes and any(variant.way.kind != "claim" or classes == 2 for variant in variants)
        used: dict[str, Any] = {"structured": structured} if structured else {}
        if told and self.top_logprobs is not None:
            used["top_logprobs"] = self.top_logprobs
        return used


Abilities.NONE = Abilities()


def tells_classes(asked: Asked) -> bool:
    """Whether every answer names a class: "false" about one of three names none."""
    return bool(asked.classes) and all(v is not ABSTAIN for v in asked.answers.values())


def _schema(asked: Asked, *, confidence: bool) -> Mapping[str, Any]:
    if asked.spoken is not None:
        return answer_schema(asked.spoken, confidence=confidence)
    return schema_of(tuple(asked.answers), confidence=confidence)


def schema_of(answers: Sequence[str], *, confidence: bool) -> Mapping[str, Any]:
    """The strict JSON schema of a reply: every key required, no other allowed."""
    properties: dict[str, Any] = {"label": {"type": "string", "enum": list(answers)}}
    if confidence:
        properties["confidence"] = {"type": "number"}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
