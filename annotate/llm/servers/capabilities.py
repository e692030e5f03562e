"""What a model server was seen to do: a record of one test, never of what a manual says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from annotate.store.rows import from_json, to_json

Verdict = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Feature:
    """seen: what the server did, in a few words. `no` also means accepted and ignored."""

    verdict: Verdict
    seen: str


NOT_TRIED = Feature("unknown", "not tried")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """One server and model. Numbers are None where nothing told them."""

    base_url: str
    model: str
    offered: tuple[str, ...] = ()
    """Names of the server's models, the first OFFERED_KEPT of them."""
    answered_as: str | None = None
    """What the server called the model that answered."""
    top_logprobs: int | None = None
    """How many alternatives came with each token."""
    context_tokens: int | None = None
    rate_limits: Mapping[str, str]
    """Headers that tell how much may be asked, as they came."""
    listed: Feature = NOT_TRIED
    chat: Feature = NOT_TRIED
    max_completion_tokens: Feature = NOT_TRIED
    max_tokens: Feature = NOT_TRIED
    temperature: Feature = NOT_TRIED
    json_schema: Feature = NOT_TRIED
    logprobs: Feature = NOT_TRIED
    n: Feature = NOT_TRIED
    seed: Feature = NOT_TRIED
    decisions: Feature = NOT_TRIED
    systemone: Feature = NOT_TRIED
    batches: Feature = NOT_TRIED
    context: Feature = NOT_TRIED
    rate_limit: Feature = NOT_TRIED

    def table(self) -> list[tuple[str, Verdict, str]]:
        """(feature, verdict, what was seen), in a fixed order."""
        return [
            (title, getattr(self, name).verdict, getattr(self, name).seen)
            for name, title in TITLES.items()
        ]

    def to_json(self) -> str:
        return to_json(asdict(self))

    @staticmethod
    def from_json(text: str) -> Capabilities:
        """The record in `text`. A feature that it does not know of was not tried; ValueError for
        what is no record."""
        found = from_json(text)
        if not isinstance(found, dict) or not {"base_url", "model"} <= found.keys():
            raise ValueError(f"{text[:80]!r} is no record of a server")
        known = {field.name for field in fields(Capabilities)}
        kept = {name: value for name, value in found.items() if name in known}
        kept |= {name: _feature(kept[name]) for name in TITLES if name in kept}
        kept["offered"] = tuple(kept.get("offered", ()))
        return Capabilities(**{"rate_limits": {}, **kept})


def _feature(found: Mapping[str, Any]) -> Feature:
    if found["verdict"] not in get_args(Verdict):
        raise ValueError(f"{found['verdict']!r} is not one of {', '.join(get_args(Verdict))}")
    return Feature(found["verdict"], found["seen"])


OFFERED_KEPT = 200

TITLES: Mapping[str, str] = {
    "listed": "model is listed",
    "chat": "chat",
    "max_completion_tokens": "limit: max_completion_tokens",
    "max_tokens": "limit: max_tokens",
    "temperature": "temperature accepted",
    "json_schema": "JSON schema enforced",
    "logprobs": "log-probabilities",
    "n": "several answers (n)",
    "seed": "seed",
    "decisions": "/v1/decisions",
    "systemone": "/v1/systemone",
    "batches": "/v1/batches",
    "context": "context length",
    "rate_limit": "rate limit told",
}
