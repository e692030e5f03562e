"""Tasks in people's hands: the wanted answers of an item that one person was lent together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

from annotate.model import Assignment
from annotate.store.engine import Engine
from annotate.store.queue.assignments import NOT_YET_HAD, assignment_from_row
from annotate.store.rows import one_of


class WithOthers(NamedTuple):
    """Items that other people hold, and when the first of their leases ends (None: no item)."""

    items: int
    first_free: str | None


class Leases:
    """Every statement goes by an index: a queue may hold a million slots."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def held(self, project: str, person_id: str) -> list[Assignment]:
        """What this person has in hand, most urgent first; leases that ran out too, until others
        take the item."""
        sql = """
            select * from assignments
            where person_id = :person and state = 'leased' and project = :project
            order by priority desc, id"""
        rows = self._engine.query(sql, {"project": project, "person": person_id})
        return [assignment_from_row(row) for row in rows]

    def renew(self, person_id: str, item_ids: Sequence[str], *, until: str) -> int:
        """Hold on longer to what this person has of these items; returns how many slots."""
        among, params = one_of(item_ids)
        sql = f"""
            update assignments set leased_until = :until
            where item_id in {among} and state = 'leased' and person_id = :person"""
        return self._engine.execute(sql, {**params, "person": person_id, "until": until})

    def next_items(
        self,
        project: str,
        person_id: str,
        *,
        questions: Sequence[str],
        skills: Sequence[str],
        most: int,
    ) -> list[str]:
        """The most urgent items this person could be lent now.

        questions: those that are still asked. skills: the person's.
        """
        found: list[tuple[float, str, str]] = []
        for skill in dict.fromkeys(["", *skills]):  # an item may need none
            found += self._next_of_skill(project, person_id, questions, skill, most)
        found.sort()
        return list(dict.fromkeys(item_id for _, _, item_id in found))[:most]

    def _next_of_skill(
        self, project: str, person_id: str, questions: Sequence[str], skill: str, most: int
    ) -> list[tuple[float, str, str]]:
        asked, params = one_of(questions, "asked")
        sql = f"""
            select a.priority, a.id, a.item_id from assignments a
            where a.project = :project and a.state = 'open' and a.skill = :skill
              and a.question in {asked} and {NOT_YET_HAD}
            order by a.priority desc, a.id {self._engine.for_claim}"""
        params |= {"project": project, "person": person_id, "skill": skill}
        found: dict[str, tuple[float, str, str]] = {}
        with closing(self._engine.query(sql, params)) as rows:
            for row in rows:  # a slot more of an item that was seen is no item more
                item_id = row["item_id"]
                found.setdefault(item_id, (-row["priority"], row["id"], item_id))
                if len(found) == most:
                    break
        return list(found.values())

    def take(
        self,
        project: str,
        person_id: str,
        item_ids: Sequence[str],
        *,
        questions: Sequence[str],
        until: str,
    ) -> list[Assignment]:
        """Lend this person one slot of each of these questions of the items, if they had it not.

        Inside a transaction: nobody comes between looking and taking.
        """
        among, params = one_of(item_ids)
        asked, names = one_of(questions, "asked")
        params |= names
        # coalesce: else SQLite walks through all open slots, from ten items on
        sql = f"""
            select a.* from assignments a
            where a.item_id in {among} and coalesce(a.project, '') = :project
              and coalesce(a.state, '') = 'open'
              and a.question in {asked} and {NOT_YET_HAD}
            order by a.item_id, a.question, a.slot {self._engine.for_claim}"""
        params |= {"project": project, "person": person_id}
        first: dict[tuple[str, str], str] = {}
        for row in self._engine.query(sql, params):
            first.setdefault((row["item_id"], row["question"]), row["id"])
        return self._lend(list(first.values()), person_id, until)

    def _lend(self, ids: Sequence[str], person_id: str, until: str) -> list[Assignment]:
        among, params = one_of(ids)
        sql = f"""
            update assignments set state = 'leased', person_id = :person, leased_until = :until
            where id in {among} returning *"""
        rows = self._engine.query(sql, {**params, "person": person_id, "until": until})
        return [assignment_from_row(row) for row in rows]

    def with_others(self, project: str, person_id: str) -> WithOthers:
        """What the others hold of this project. Looked at only when the queue is empty."""
        sql = """
            select count(distinct item_id) as items, min(leased_until) as first_free
            from assignments
            where project = :project and state = 'leased' and person_id <> :person"""
        row = next(self._engine.query(sql, {"project": project, "person": person_id}))
        return WithOthers(int(row["items"]), row["first_free"])

    def open_items(self, project: str, *, most: int) -> int:
        """Items with a slot that waits, counted among the `most` most urgent slots."""
        sql = """
            select count(distinct item_id) as n from (
              select item_id from assignments
              where project = :project and state = 'open' limit :most) counted"""
        return int(next(self._engine.query(sql, {"project": project, "most": most}))["n"])

    def of_items(self, person_id: str, item_ids: Sequence[str]) -> dict[str, list[Assignment]]:
        """item id -> this person's slots, leased or done."""
        among, params = one_of(item_ids)
        # coalesce: else SQLite walks through all that the person ever had
        sql = f"""
            select * from assignments
            where item_id in {among} and coalesce(person_id, '') = :person
            order by question, slot"""
        found: dict[str, list[Assignment]] = {}
        for row in self._engine.query(sql, {**params, "person": person_id}):
            found.setdefault(row["item_id"], []).append(assignment_from_row(row))
        return found

    def give_back(self, ids: Sequence[str]) -> int:
        """Slots go back to the queue."""
        among, params = one_of(ids)
        sql = f"""
            update assignments set state = 'open', person_id = null, leased_until = null
            where id in {among}"""
        return self._engine.execute(sql, params)

    def finish(self, ids: Sequence[str], person_id: str) -> int:
        """Slots are done, by this person."""
        among, params = one_of(ids)
        sql = f"""
            update assignments set state = 'done', person_id = :person, leased_until = null
            where id in {among}"""
        return self._engine.execute(sql, {**params, "person": person_id})

    def take_back(self, slots: Mapping[str, str], person_id: str, *, until: str) -> bool:
        """Into hand again, slot id -> its item; False, and nothing, when somebody has one now."""
        among, params = one_of(list(slots))
        sql = f"""
            select count(*) as n from assignments
            where id in {among} and (state = 'open' or person_id = :person)"""
        row = next(self._engine.query(sql, {**params, "person": person_id}))
        if int(row["n"]) != len(slots):
            return False
        self._lend(list(slots), person_id, until)
        return True
