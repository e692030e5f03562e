"""Where a row comes from: everything that led to it, as one JSON text."""

from __future__ import annotations

from typing import Any

import orjson

from annotate.exporters.protocol import Answer, ExportRow
from annotate.json_text import compact
from annotate.model import Adjudication, Item, Prelabel
from annotate.training.protocol import Made

COLUMN = "meta"
"""One column of text: trainers take other names for token labels, images or margins."""


def passport(made: Made) -> str:
    """JSON text with the keys project, question, rule, answer, item, people, adjudication,
    consensus, model and route.

    rule: which rule made a training row of it, null for a label or a vote. `route` is null for an
    item that was not routed; its `policy_version`, like a `guideline_version`, is the hash of the
    project's text then. `suggestion_seen` says whether the person
    saw the model's answer before giving theirs, after it or never, `exposure` in which mode, and
    `second` what they said after it was revealed, which counts for nothing. `adjudication` lists
    what leads have decided, oldest first. `consensus` is null where the export did not ask for it.
    """
    row = made if isinstance(made, ExportRow) else made.row
    facts = {
        "project": row.project.project,
        "question": row.question.name,
        "rule": getattr(made, "rule", None),
        "answer": {"value": row.final.value, "source": row.final.source},
        "item": _item(row.item, row.own_id),
        "people": {
            "value": row.people.value,
            "votes": row.people.votes,
            "agreeing": row.people.agreeing,
            "answers": [_answer(answer) for answer in row.answers],
        },
        "adjudication": [_ruling(row, one, name) for one, name in row.rulings],
        "consensus": _consensus(row),
        "model": {
            "name": ", ".join(dict.fromkeys(call.model for call in row.machine.calls)) or None,
            "value": row.model_value,
            "votes": row.machine.votes,
            "outcomes": row.machine.outcomes,
            "calls": [_call(call) for call in row.machine.calls],
        },
        "route": _route(row),
    }
    try:
        return orjson.dumps(facts).decode()
    except TypeError:  # a number of more than 64 bits, or half a character, among what came along
        return compact(facts)


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
        "suggestion_seen": answer.shown,
        "exposure": said.exposure,
        "guideline_version": answer.guideline_version,
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


def _consensus(row: ExportRow) -> dict[str, Any] | None:
    if row.consensus_status is None:
        return None
    return {
        "value": row.consensus_value,
        "status": row.consensus_status,
        "probability": row.probability,
    }


def _call(call: Prelabel) -> dict[str, Any]:
    return {
        "model": call.model,
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
        "policy_version": row.policy_version,
        "propensity": decision.propensity,
        "audited": row.audited or decision.destination == "audit",
        "score": decision.score,
        "model_value": decision.model_value,
        "label": decision.label,
        "at": decision.created_at,
    }
