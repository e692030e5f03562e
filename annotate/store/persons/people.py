"""The people who work in a workspace."""

from __future__ import annotations

from annotate.model import Person, Role
from annotate.store.engine import Engine


class People:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, person: Person) -> None:
        """Store a person; a name that is taken is left as it is."""
        row = {
            "id": person.id,
            "name": person.name,
            "role": person.role,
            "created_at": person.created_at,
        }
        self._engine.insert("people", [row], on_conflict="ignore")

    def set_role(self, person_id: str, role: Role) -> None:
        sql = "update people set role = :role where id = :id"
        self._engine.execute(sql, {"role": role, "id": person_id})

    def named(self, name: str) -> Person | None:
        return self._one("name = :key", name)

    def get(self, person_id: str) -> Person | None:
        return self._one("id = :key", person_id)

    def all(self) -> list[Person]:
        """Everybody, oldest first."""
        sql = "select * from people order by created_at, id"
        return [Person(**row) for row in self._engine.query(sql)]

    def _one(self, where: str, key: str) -> Person | None:
        rows = list(self._engine.query(f"select * from people where {where}", {"key": key}))
        return Person(**rows[0]) if rows else None
