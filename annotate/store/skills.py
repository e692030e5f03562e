"""What people can do that not everybody can, such as read a language."""

from __future__ import annotations

from collections.abc import Iterable

from annotate.store.engine import Engine


class Skills:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, person_id: str) -> tuple[str, ...]:
        sql = "select skill from skills where person_id = :person order by skill"
        return tuple(row["skill"] for row in self._engine.query(sql, {"person": person_id}))

    def all(self) -> dict[str, tuple[str, ...]]:
        """person id -> skills."""
        found: dict[str, tuple[str, ...]] = {}
        for row in self._engine.query("select person_id, skill from skills order by skill"):
            found[row["person_id"]] = (*found.get(row["person_id"], ()), row["skill"])
        return found

    def put(self, person_id: str, skills: Iterable[str], *, by: str, now: str) -> None:
        """From now on the person has these and no others."""
        sql = "delete from skills where person_id = :person"
        self._engine.execute(sql, {"person": person_id})
        rows = (
            {"person_id": person_id, "skill": skill, "given_by": by, "created_at": now}
            for skill in dict.fromkeys(skills)
        )
        self._engine.insert("skills", rows)

    def waiting(self, project: str) -> dict[str, int]:
        """skill -> slots that wait for somebody who has it; '' is what needs none."""
        sql = """
            select skill, count(*) as n from assignments
            where project = :project and state = 'open' group by skill"""
        rows = self._engine.query(sql, {"project": project})
        return {row["skill"]: int(row["n"]) for row in rows}
