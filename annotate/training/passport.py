"""Where a label comes from: everything that led to it, as one JSON text."""

from __future__ import annotations

import json
from typing import Any

from annotate.exporters.protocol import Answer, ExportRow
from annotate.model import Adjudication, Item, Prelabel

COLUMN = "meta"
"""One column of text: trainers take other names for token labels, images or margins."""


def passport(row: ExportRow) -> str:
    """JSON text with the keys project, question, answer, item, people, adjudication, model and
    route.

    `route` is null for an item that was not routed; `prelabel_shown` says whether the person saw
    the model's answer before giving theirs, `exposure` in which mode, and `second` what they said
    after it was revealed, which counts for nothing. `adjudication` lists what leads have decided,
    oldest first.
    """
    facts = {
        "project": row.project.project,
        "question": row.question.name,
        "answer": {"value": row.final.value, "source": row.final.source},
        "item": _item(row.item, row.own_id),
        "people": {
            "value": row.people.value,
            "votes": row.people.votes,
            "agreeing": row.people.agreeing,
            "answers": [_answer(answer) for answer in row.answers],
        },
        "adjudication": [_ruling(row, one, name) for one, name in row.rulings],
        "model": {
            "name": ", ".join(dict.fromkeys(call.model for call in row.machine.calls)) or None,
            "value": row.model_value,
            "votes": row.machine.votes,
            "outcomes": row.machine.outcomes,
            "calls": [_call(call) for call in row.machine.calls],
        },
        "route": _route(row),
    }
    return json.dumps(facts, ensure_ascii=False)


def _item(item: Item, own_id: str | None) -> dict[str, Any]:
    return {
        "id": item.id,
        "own_id": own_id,
        "content_hash": item.content_hash,
        "imported_at": item.created_at,
        "metadata": item.metadata,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    said = answer.annotation
    return {
        "person": answer.name,
        "value": said.value,
        "note": said.note,
        "prelabel_shown": said.shown_prelabel is not None,
        "exposure": said.exposure,
        "seconds": said.seconds,
        "at": said.created_at,
        "second": None if answer.second is None else answer.second.value,
    }


def _ruling(row: ExportRow, one: Adjudication, name: str) -> dict[str, Any]:
    return {
        "person": name,
        "kind": one.kind,
        "value": one.value,
        "comment": one.comment,
        "guideline_version": one.guideline_version,
        "at": one.created_at,
        "stands": one == row.ruling,
    }


def _call(call: Prelabel) -> dict[str, Any]:
    return {
        "variant": call.variant,
        "sample": call.sample,
        "prompt": call.prompt_version,
        "prompt_hash": call.prompt_hash,
        "outcome": call.outcome,
        "value": call.value,
        "confidence": call.confidence,
        "at": call.created_at,
    }


def _route(row: ExportRow) -> dict[str, Any] | None:
    decision = row.decision
    if decision is None:
        return None
    return {
        "destination": decision.destination,
        "reason": decision.reason,
        "policy": decision.policy,
        "propensity": decision.propensity,
        "score": decision.score,
        "model_value": decision.model_value,
        "label": decision.label,
        "at": decision.created_at,
    }
