"""Wanted answers: queued by priority, lent to one person at a time."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from annotate.model import Assignment
from annotate.store.arrays import KEY, Keys, arrays, keys, whose
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

    def withdraw(self, project: str, question: str, *, keep: Container[str], per_item: int) -> int:
        """Drop open slots that nobody ever answered or skipped; returns how many.

        Dropped are those of items not in `keep`, and of the others what exceeds `per_item`; slots
        that the answers so far made necessary stay.
        """
        sql = """
            select id, item_id, place from (
              select a.id, a.item_id, a.state, row_number() over (
                partition by a.item_id order by case a.state when 'open' then 1 else 0 end, a.slot
              ) as place
              from assignments a
              where a.project = :project and a.question = :question and a.extra = 0
            ) ranked
            where state = 'open'
              and not exists (select 1 from annotations n where n.assignment_id = ranked.id)"""
        params = {"project": project, "question": question}
        drop = [
            row["id"]
            for row in self._engine.query(sql, params)
            if row["item_id"] not in keep or row["place"] > per_item
        ]
        for start in range(0, len(drop), 1000):
            among, chunk = one_of(drop[start : start + 1000])
            self._engine.execute(f"delete from assignments where id in {among}", chunk)
        return len(drop)

    def of_item(self, item_id: str, question: str) -> list[Assignment]:
        """Every slot of an item's question, by number."""
        sql = """
            select * from assignments where item_id = :item and question = :question
            order by slot"""
        rows = self._engine.query(sql, {"item": item_id, "question": question})
        return [assignment_from_row(row) for row in rows]

    def drop_untouched(self, ids: Sequence[str]) -> int:
        """Drop those of these slots that wait and that nobody ever answered or skipped."""
        among, params = one_of(ids)
        sql = f"""
            delete from assignments where id in {among} and state = 'open'
              and not exists (
                select 1 from annotations n where n.assignment_id = assignments.id)"""
        return self._engine.execute(sql, params)

    def set_skills(self, project: str, question: str, skills: Mapping[str, str]) -> int:
        """What each item asks of a person, '' where it is not named; returns how many changed."""
        known = (
            "select 1 from assignments where project = :project and state = 'open' and skill > ''"
        )
        if not skills and not list(self._engine.query(f"{known} limit 1", {"project": project})):
            return 0
        sql = """
            select distinct item_id, skill from assignments
            where project = :project and question = :question and state = 'open'"""
        rows = list(self._engine.query(sql, {"project": project, "question": question}))
        changed = 0
        for row in rows:
            skill = skills.get(row["item_id"], "")
            if row["skill"] != skill:
                changed += self._engine.execute(
                    """update assignments set skill = :skill
                       where item_id = :item and question = :question and state = 'open'""",
                    {"skill": skill, "item": row["item_id"], "question": question},
                )
        return changed

    def count_of_items(self, project: str, question: str) -> dict[str, int]:
        """item id -> number of slots, in whatever state."""
        sql = """
            select item_id, count(*) as n from assignments
            where project = :project and question = :question group by item_id"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"]: int(row["n"]) for row in rows}

    def reprioritise(self, project: str, question: str, priorities: Mapping[str, float]) -> int:
        """Give slots that wait their item's priority; returns how many had another one."""
        sql = """
            select id, item_id, priority from assignments
            where project = :project and question = :question and state = 'open'"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        stale = [
            {"id": row["id"], "priority": priorities[row["item_id"]]}
            for row in rows
            if priorities.get(row["item_id"], row["priority"]) != row["priority"]
        ]
        for change in stale:
            self._engine.execute(
                "update assignments set priority = :priority where id = :id", change
            )
        return len(stale)

    def open_priorities(self, project: str, question: str) -> dict[str, float]:
        """item -> its priority, for items with a slot that waits."""
        sql = """
            select item_id, max(priority) as priority from assignments
            where project = :project and question = :question and state = 'open'
            group by item_id"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"]: row["priority"] for row in rows}

    def touched_items(self, project: str, question: str) -> set[str]:
        """Items that a person has answered, skipped or holds right now."""
        sql = """
            select item_id from assignments
            where project = :project and question = :question and state in ('leased', 'done')
            union select item_id from annotations
            where project = :project and question = :question"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"] for row in rows}

    def taken(self, project: str, question: str) -> Keys:
        """The keys of `touched_items`, some more than once, as far as slots tell."""
        sql = f"""
            select {KEY.format("item_id")} from assignments
            where {whose(self._engine, project)} and question = :question
              and state in ('leased', 'done')"""
        [found] = arrays(self._engine, sql, {"project": project, "question": question}, keys)
        return found

    def get(self, assignment_id: str) -> Assignment | None:
        sql = "select * from assignments where id = :id"
        rows = list(self._engine.query(sql, {"id": assignment_id}))
        return assignment_from_row(rows[0]) if rows else None

    def release_expired(self, project: str, *, now: str) -> int:
        """Give leases that ran out back to the queue."""
        sql = """
            update assignments set state = 'open', person_id = null, leased_until = null
            where project = :project and state = 'leased' and leased_until < :now"""
        return self._engine.execute(sql, {"project": project, "now": now})


NOT_YET_HAD = """
    not exists (
      select 1 from assignments o
      where o.item_id = a.item_id and o.question = a.question and o.person_id = :person)
    and not exists (
      select 1 from annotations n left join retractions x on x.annotation_id = n.id
      where n.item_id = a.item_id and n.question = a.question
        and n.person_id = :person and x.annotation_id is null)
    and not exists (
      select 1 from checks c where c.person_id = :person and c.item_id = a.item_id
        and (c.purpose <> 'reask' or c.state = 'leased'))
    and not exists (
      select 1 from withheld w where w.person_id = :person and w.item_id = a.item_id)"""
"""Of a slot `a`: the person never had this question of the item, nor the item as a check, and it
was not taken from them to be somebody else's."""


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
        "skill": assignment.skill,
        "extra": int(assignment.extra),
        "created_at": now,
    }


def assignment_from_row(row: Mapping[str, Any]) -> Assignment:
    """A row of `assignments` as its dataclass; other columns are passed over."""
    values = {name: row[name] for name in Assignment.__slots__}
    return Assignment(**values | {"extra": bool(row["extra"])})
