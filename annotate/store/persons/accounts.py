"""How people prove who they are, and who may no longer come in. A person without a row has neither
a password nor an address, and is active."""

from __future__ import annotations

from typing import Literal

from annotate.model import Account, Person
from annotate.store.engine import Engine

Proof = Literal["password", "email", "subject", "deactivated_at"]

_ALL = """
select p.id, p.name, p.role, p.created_at, a.password, a.email, a.subject, a.deactivated_at
from people p left join accounts a on a.person_id = p.id"""


class Accounts:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, person_id: str) -> Account | None:
        return self._one("p.id = :key", person_id)

    def with_email(self, email: str) -> Account | None:
        return self._one("a.email = :key", email)

    def with_subject(self, subject: str) -> Account | None:
        return self._one("a.subject = :key", subject)

    def all(self) -> list[Account]:
        """Everybody's, oldest first."""
        return [_account(row) for row in self._engine.query(f"{_ALL} order by p.created_at, p.id")]

    def any_password(self) -> bool:
        """Whether somebody has a password: from then on everybody needs one."""
        sql = "select 1 from accounts where password is not null limit 1"
        return bool(list(self._engine.query(sql)))

    def put(self, person_id: str, what: Proof, value: str | None) -> None:
        """Set one thing about a person's account; None takes it away."""
        row = {"person_id": person_id, "password": None, "email": None, "subject": None}
        with self._engine.transaction():
            self._engine.insert("accounts", [row | {"deactivated_at": None}], on_conflict="ignore")
            self._engine.execute(
                f"update accounts set {what} = :value where person_id = :person",
                {"value": value, "person": person_id},
            )

    def _one(self, where: str, key: str) -> Account | None:
        rows = list(self._engine.query(f"{_ALL} where {where}", {"key": key}))
        return _account(rows[0]) if rows else None


def _account(row: dict[str, str]) -> Account:
    person = Person(**{name: row.pop(name) for name in ("id", "name", "role", "created_at")})  # type: ignore[arg-type]
    return Account(person=person, **row)
