"""Items that people are asked about again because the guideline changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from annotate.store.engine import Engine


@dataclass(frozen=True, slots=True)
class Requeue:
    """version: of the project file, whose change may have made other answers right. which: the
    items that were meant, in words."""

    id: str
    project: str
    question: str
    version: int
    which: str
    items: int
    person: str
    created_at: str


class Requeues:
    """Append-only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, requeue: Requeue, kinds: Mapping[str, str]) -> None:
        """kinds: item id -> "sent back" to who answered it, or "opened" for somebody new."""
        rows = [{"requeue_id": requeue.id, "item_id": i, "kind": k} for i, k in kinds.items()]
        with self._engine.transaction():
            self._engine.insert("requeues", [asdict(requeue)])
            self._engine.insert("requeued", rows)

    def of_question(self, project: str, question: str) -> list[Requeue]:
        """Newest first."""
        sql = """
            select * from requeues where project = :project and question = :question
            order by created_at desc, id desc"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return [Requeue(**row) for row in rows]

    def of_version(self, project: str, question: str, version: int) -> set[str]:
        """Items that were asked about again because of this version."""
        sql = """
            select i.item_id from requeued i join requeues r on r.id = i.requeue_id
            where r.project = :project and r.question = :question and r.version = :version"""
        params = {"project": project, "question": question, "version": version}
        return {row["item_id"] for row in self._engine.query(sql, params)}
