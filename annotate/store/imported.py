"""What came along from other tools: people who never were here, their answers, models' votes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from annotate.model import Annotation, Person, Value
from annotate.store.engine import Engine
from annotate.store.queue.annotations import Annotations
from annotate.store.rows import from_json, one_of


class ImportedPerson(NamedTuple):
    """tool: that they come from; called: what it calls them."""

    tool: str
    called: str


class Slot(NamedTuple):
    """A place for an answer. free: nobody has it, nor ever answered or skipped in it."""

    id: str
    number: int
    free: bool


class Imported:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def people(self) -> dict[str, ImportedPerson]:
        """person id -> where they come from, for those who came along."""
        sql = "select person_id, tool, called from imported_people"
        rows = self._engine.query(sql)
        return {row["person_id"]: ImportedPerson(row["tool"], row["called"]) for row in rows}

    def add_person(self, person: Person, tool: str, called: str) -> bool:
        """Store somebody who cannot come in; False when they were there already."""
        row = {"person_id": person.id, "tool": tool, "called": called}
        people = {"id": person.id, "name": person.name, "role": person.role}
        at = {"created_at": person.created_at}
        if not self._engine.insert("people", [people | at], on_conflict="ignore"):
            return False
        self._engine.insert("imported_people", [row | at])
        shut = {"person_id": person.id, "password": None, "email": None, "subject": None}
        self._engine.insert("accounts", [shut | {"deactivated_at": person.created_at}])
        return True

    def said(self, item_ids: Sequence[str]) -> dict[tuple[str, str, str], Value]:
        """(item, question, person) -> the answer that counts."""
        among, params = one_of(item_ids)
        sql = f"""
            select a.item_id, a.question, a.person_id, a.value from annotations a
            left join retractions x on x.annotation_id = a.id
            where a.item_id in {among} and a.kind = 'answer' and x.annotation_id is null"""
        return {
            (row["item_id"], row["question"], row["person_id"]): from_json(row["value"])
            for row in self._engine.query(sql, params)
        }

    def slots(self, item_ids: Sequence[str]) -> dict[tuple[str, str], list[Slot]]:
        """(item, question) -> its slots, by number."""
        among, params = one_of(item_ids)
        sql = f"""
            select s.id, s.item_id, s.question, s.slot,
              case when s.state = 'open' and s.extra = 0 and not exists (
                select 1 from annotations n where n.assignment_id = s.id) then 1 else 0 end as free
            from assignments s where s.item_id in {among} order by s.slot"""
        found: dict[tuple[str, str], list[Slot]] = {}
        for row in self._engine.query(sql, params):
            slot = Slot(row["id"], row["slot"], bool(row["free"]))
            found.setdefault((row["item_id"], row["question"]), []).append(slot)
        return found

    def add_answers(self, answers: Iterable[tuple[Annotation, int | None]]) -> None:
        """Append answers, each in its slot: a new one of this number, or one that was free."""
        answers = list(answers)
        sql = "update assignments set state = 'done', person_id = :person where id = :id"
        for one, number in answers:
            if number is None:
                self._engine.execute(sql, {"person": one.person_id, "id": one.assignment_id})
        new = (_done(one, number) for one, number in answers if number is not None)
        self._engine.insert("assignments", new)
        Annotations(self._engine).add_all(one for one, _ in answers)

    def finish_items(self, round_id: str, item_ids: Iterable[str], *, now: str) -> None:
        """Note that all that a model said of these has come along."""
        of_round = {"round_id": round_id, "errors": 0, "given_up": 0, "created_at": now}
        rows = ({**of_round, "item_id": item_id} for item_id in item_ids)
        self._engine.insert("prelabelled", rows, on_conflict="ignore")


def _done(one: Annotation, number: int) -> Mapping[str, Value]:
    """The slot of an answer that nobody here was asked for."""
    return {
        "id": one.assignment_id,
        "project": one.project,
        "item_id": one.item_id,
        "question": one.question,
        "slot": number,
        "priority": 0.0,
        "state": "done",
        "person_id": one.person_id,
        "leased_until": None,
        "skill": "",
        "extra": 0,
        "created_at": one.created_at,
    }
