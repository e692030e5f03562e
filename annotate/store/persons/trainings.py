"""How people's training ended, round by round."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from annotate.store.engine import Engine

Result = Literal["passed", "failed", "excused", "again"]


@dataclass(frozen=True, slots=True)
class Training:
    """One event: a round was passed or failed, or a lead excused somebody or gave another round.

    correct, asked: of the questions with a known answer. by: the name of who or what decided.
    """

    project: str
    person_id: str
    number: int
    result: Result
    correct: int
    asked: int
    by: str
    created_at: str


class Trainings:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, training: Training) -> None:
        self._engine.insert("trainings", [asdict(training)])

    def last(self, project: str, person_id: str) -> Training | None:
        sql = """
            select * from trainings where project = :project and person_id = :person
            order by number desc limit 1"""
        rows = list(self._engine.query(sql, {"project": project, "person": person_id}))
        return Training(**rows[0]) if rows else None

    def standing(self, project: str) -> list[Training]:
        """Everybody's newest event, by person."""
        sql = """
            select t.* from trainings t where t.project = :project and not exists (
              select 1 from trainings later where later.project = t.project
                and later.person_id = t.person_id and later.number > t.number)
            order by t.person_id"""
        return [Training(**row) for row in self._engine.query(sql, {"project": project})]
