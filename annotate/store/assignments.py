"""Wanted answers: queued by priority, lent to one person at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from annotate.model import Assignment
from annotate.store.engine import Engine
from annotate.store.rows import one_of


class Assignments:
    """A slot is `open`, `leased` until a time, or `done`. No two people ever hold one slot."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, assignments: Iterable[Assignment], *, now: str) -> int:
        """Open slots that are not there yet; returns how many are new."""
        rows = (_row(assignment, now) for assignment in assignments)
        return self._engine.insert("assignments", rows, on_conflict="ignore")

    def cancel_untouched(self, project: str, question: str, keep: Iterable[str]) -> int:
        """Drop open slots of items not in `keep` that nobody has ever had in hand."""
        kept = set(keep)
        sql = """
            select a.id, a.item_id from assignments a
            where a.project = :project and a.question = :question and a.state = 'open'
              and not exists (select 1 from annotations n where n.assignment_id = a.id)"""
        params = {"project": project, "question": question}
        untouched = list(self._engine.query(sql, params))
        drop = [row["id"] for row in untouched if row["item_id"] not in kept]
        for start in range(0, len(drop), 1000):
            among, chunk = one_of(drop[start : start + 1000])
            self._engine.execute(f"delete from assignments where id in {among}", chunk)
        return len(drop)

    def reprioritise(self, priorities: Iterable[tuple[str, str, float]]) -> None:
        """Set (item id, question, priority) on slots that wait."""
        sql = """
            update assignments set priority = :priority
            where item_id = :item and question = :question and state = 'open'"""
        for item_id, question, priority in priorities:
            params = {"item": item_id, "question": question, "priority": priority}
            self._engine.execute(sql, params)

    def touched_items(self, project: str, question: str) -> set[str]:
        """Items that a person has answered, skipped or holds right now."""
        sql = """
            select item_id from assignments
            where project = :project and question = :question and state in ('leased', 'done')
            union select item_id from annotations
            where project = :project and question = :question"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"] for row in rows}

    def get(self, assignment_id: str) -> Assignment | None:
        sql = "select * from assignments where id = :id"
        rows = list(self._engine.query(sql, {"id": assignment_id}))
        return _assignment(rows[0]) if rows else None

    def held_by(self, project: str, person_id: str) -> Assignment | None:
        """What this person already has in hand, the last taken first."""
        sql = """
            select * from assignments
            where project = :project and person_id = :person and state = 'leased'
            order by leased_until desc, id limit 1"""
        rows = list(self._engine.query(sql, {"project": project, "person": person_id}))
        return _assignment(rows[0]) if rows else None

    def release_expired(self, project: str, *, now: str) -> int:
        """Give leases that ran out back to the queue."""
        sql = """
            update assignments set state = 'open', person_id = null, leased_until = null
            where project = :project and state = 'leased' and leased_until < :now"""
        return self._engine.execute(sql, {"project": project, "now": now})

    def claim(self, project: str, person_id: str, *, until: str) -> Assignment | None:
        """Lend this person the most urgent slot of an item they have not yet had.

        One statement, so that two people never get the same slot.
        """
        sql = f"""
            update assignments set state = 'leased', person_id = :person, leased_until = :until
            where id = (
              select a.id from assignments a
              where a.project = :project and a.state = 'open'
                and not exists (
                  select 1 from assignments o where o.item_id = a.item_id
                    and o.question = a.question and o.person_id = :person)
                and not exists (
                  select 1 from annotations n
                  left join retractions x on x.annotation_id = n.id
                  where n.item_id = a.item_id and n.question = a.question
                    and n.person_id = :person and x.annotation_id is null)
              order by a.priority desc, a.id limit 1 {self._engine.for_claim})
            returning *"""
        params = {"project": project, "person": person_id, "until": until}
        rows = list(self._engine.query(sql, params))
        return _assignment(rows[0]) if rows else None

    def renew(self, assignment_id: str, person_id: str, *, until: str) -> bool:
        """Hold on longer; False when the slot is no longer this person's."""
        sql = """
            update assignments set leased_until = :until
            where id = :id and person_id = :person and state = 'leased'"""
        params = {"id": assignment_id, "person": person_id, "until": until}
        return self._engine.execute(sql, params) == 1

    def settle(self, assignment_id: str, person_id: str, *, done: bool) -> bool:
        """End this person's lease, answered or given back; False when it was not theirs."""
        state = "state = 'done'" if done else "state = 'open', person_id = null"
        sql = f"""
            update assignments set {state}, leased_until = null
            where id = :id and person_id = :person and state = 'leased'"""
        return self._engine.execute(sql, {"id": assignment_id, "person": person_id}) == 1

    def retake(self, assignment_id: str, person_id: str, *, until: str) -> bool:
        """Take a slot back into hand after an undo; False when somebody else has it now."""
        sql = """
            update assignments set state = 'leased', person_id = :person, leased_until = :until
            where id = :id and (state = 'open' or person_id = :person)"""
        params = {"id": assignment_id, "person": person_id, "until": until}
        return self._engine.execute(sql, params) == 1

    def waiting(self, project: str, person_id: str) -> int:
        """How many slots this person could still be lent."""
        sql = """
            select count(*) as n from assignments a
            where a.project = :project
              and (a.state = 'open' or (a.state = 'leased' and a.person_id = :person))
              and not exists (
                select 1 from annotations n left join retractions x on x.annotation_id = n.id
                where n.item_id = a.item_id and n.question = a.question
                  and n.person_id = :person and x.annotation_id is null)"""
        rows = self._engine.query(sql, {"project": project, "person": person_id})
        return int(next(rows)["n"])


def _row(assignment: Assignment, now: str) -> dict[str, Any]:
    return {
        "id": assignment.id,
        "project": assignment.project,
        "item_id": assignment.item_id,
        "question": assignment.question,
        "slot": assignment.slot,
        "priority": assignment.priority,
        "state": assignment.state,
        "person_id": assignment.person_id,
        "leased_until": assignment.leased_until,
        "created_at": now,
    }


def _assignment(row: Mapping[str, Any]) -> Assignment:
    return Assignment(**{name: row[name] for name in Assignment.__slots__})
