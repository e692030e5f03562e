"""Prodigy's JSON Lines, as `db-out` writes them: one line for each answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotate.importers.protocol import Record, Said, Source
from annotate.importers.times import when
from annotate.importers.tool import TOOLS, Raw, Tool

_ANSWERS = (
    "answer", "accept", "options", "label", "spans", "tokens", "relations", "meta", "config",
    "user_input", "versions", "sessions", "priority", "score",
)  # fmt: skip
_LEFT = {
    "ignore": "skipped there",
    "reject": "rejected there: it says what the answer is not",
}


def _knows(raw: Raw) -> bool:
    return "_input_hash" in raw and ("_task_hash" in raw or "answer" in raw)


def _convert(record: Record, source: Source) -> Record:
    raw = record.values
    if "_input_hash" not in raw:
        raise ValueError("no `_input_hash`: export it with `prodigy db-out`")
    meta = raw.get("meta")
    values = {
        "id": str(raw["_input_hash"]),
        **(meta if isinstance(meta, dict) else {}),
        **{k: v for k, v in raw.items() if not k.startswith("_") and k not in _ANSWERS},
    }
    values["id"] = str(raw["_input_hash"])  # whatever stands in `meta`: answers are told by it
    return Record(record.line, values, tuple(_said(raw)), "prodigy")


def _said(raw: Raw) -> Iterator[Said]:
    common: dict[str, Any] = {
        "who": str(raw.get("_annotator_id") or raw.get("_session_id") or ""),
        "at": when(raw.get("_timestamp")),
        "why": _LEFT.get(str(raw.get("answer")), ""),
        "record": {"view": raw["_view_id"]} if isinstance(raw.get("_view_id"), str) else {},
    }
    if common["why"]:
        yield Said(question="", kind="empty", value=None, **common)
        return
    if isinstance(raw.get("accept"), list):
        yield Said(question="choice", kind="choices", value=raw["accept"], **common)
    elif isinstance(raw.get("label"), str):
        yield Said(question="label", kind="choices", value=[raw["label"]], **common)
    marked = raw.get("spans")
    if isinstance(marked, list):
        keys = ("start", "end", "label")
        spans = [{key: one.get(key) for key in keys} for one in marked if "label" in one]
        yield Said(question="spans", kind="spans", value=spans, about="text", **common)
    if isinstance(raw.get("user_input"), str):
        yield Said(question="user_input", kind="text", value=raw["user_input"], **common)


TOOLS.add("prodigy", Tool(title="Prodigy", knows=_knows, convert=_convert))
