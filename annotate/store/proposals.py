"""What a model proposed for the guideline, and what a person made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from annotate.model import Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, to_json

Verdict = Literal["accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One sentence for the guideline, made of items where people say `people` and the model says
    `model`.

    asked: the model that was asked. prompt, raw: what was sent and what came. base: hash of the
    project file that it was made for.
    """

    id: str
    project: str
    question: str
    people: Value
    model: Value
    item_ids: Sequence[str]
    asked: str
    prompt_version: str
    prompt: str
    raw: str | None
    summary: str
    sentence: str
    base: str
    cost_usd: float | None
    person: str
    created_at: str


@dataclass(frozen=True, slots=True)
class ProposalVerdict:
    """What became of a proposal. sentence: as it went into the guideline, or as it was proposed.
    version: the one that it made; None where it was not taken."""

    proposal_id: str
    verdict: Verdict
    sentence: str
    version: int | None
    comment: str | None
    person: str
    created_at: str


class Proposals:
    """Append-only: each proposal is judged once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, proposal: Proposal) -> None:
        row = asdict(proposal)
        for name in ("people", "model", "item_ids"):
            row[name] = to_json(row[name])
        self._engine.insert("proposals", [row])

    def judge(self, verdict: ProposalVerdict) -> None:
        self._engine.insert("proposal_verdicts", [asdict(verdict)])

    def get(self, proposal_id: str) -> Proposal | None:
        rows = self._engine.query("select * from proposals where id = :id", {"id": proposal_id})
        return next((_proposal(row) for row in list(rows)), None)

    def all(self, project: str) -> list[tuple[Proposal, ProposalVerdict | None]]:
        """Newest first, each with what became of it."""
        sql = "select * from proposals where project = :project order by created_at desc, id desc"
        found = [_proposal(row) for row in self._engine.query(sql, {"project": project})]
        sql = """
            select v.* from proposal_verdicts v join proposals p on p.id = v.proposal_id
            where p.project = :project"""
        rows = self._engine.query(sql, {"project": project})
        verdicts = {row["proposal_id"]: ProposalVerdict(**row) for row in rows}
        return [(one, verdicts.get(one.id)) for one in found]

    def verdict(self, proposal_id: str) -> ProposalVerdict | None:
        sql = "select * from proposal_verdicts where proposal_id = :id"
        rows = list(self._engine.query(sql, {"id": proposal_id}))
        return ProposalVerdict(**rows[0]) if rows else None

    def items_used(self, project: str, question: str) -> set[str]:
        """Items that a proposal was made of: what comes of it cannot be measured on them."""
        sql = """
            select item_ids from proposals where project = :project and question = :question"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {item_id for row in rows for item_id in from_json(row["item_ids"])}


def _proposal(row: Mapping[str, Any]) -> Proposal:
    parts = {name: from_json(row[name]) for name in ("people", "model", "item_ids")}
    return Proposal(**{**row, **parts})
