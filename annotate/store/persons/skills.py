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

    def waiting(self, project: str) -> list[str]:
        """Skills that slots wait for, '' among them where some need none: one look for each."""
        sql = """
            with recursive wanted (skill) as (
              select min(skill) from assignments where project = :project and state = 'open'
              union all
              select (select min(a.skill) from assignments a
                      where a.project = :project and a.state = 'open' and a.skill > wanted.skill)
              from wanted where wanted.skill is not null
            )
            select skill from wanted where skill is not null"""
        return [row["skill"] for row in self._engine.query(sql, {"project": project})]
