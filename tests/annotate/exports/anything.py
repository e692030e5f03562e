"""A database in which by chance everything was said that can be: for what must hold of any."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from annotate.hashing import digest
from annotate.model import (
    Adjudication,
    Annotation,
    Assignment,
    Decision,
    Item,
    Outcome,
    Prelabel,
    Round,
)
from annotate.people import add_person, operator
from annotate.project import Project
from annotate.project.file import parse_project
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from tests.small import START

PROJECT = parse_project("""
project: any
title: Anything
guideline: Read twice.
fields: [body, prompt, x, y]
questions:
  - {name: topic, type: single_label, text: Which topic?,
     labels: [{name: spam}, {name: ham}, {name: news}]}
  - {name: about, type: multi_label, text: What about?, min: 0,
     labels: [{name: price}, {name: taste}], when: {question: topic, is: [ham, news]}}
  - {name: tone, type: rating, text: How kind is it?}
  - {name: better, type: preference, text: Which is better?, prompt: prompt, responses: [x, y],
     tie: true}
  - {name: order, type: ranking, text: Best first?, prompt: prompt, responses: [x, y, body]}
  - {name: reply, type: text, text: Is the reply right?, draft: y}
  - {name: names, type: spans, text: Mark names., field: body, labels: [{name: one}, {name: two}]}
llm: {provider: openai, model: m, variants: [instruction, paraphrase]}
""")
VALUES: dict[str, list[Any]] = {
    "topic": ["spam", "ham", "news", "retired"],
    "about": [[], ["price"], ["price", "taste"]],
    "tone": [1, 2, 3, 4, 5],
    "better": ["a", "b", "tie"],
    "order": [["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"]],
    "reply": [
        {"verdict": "accept", "text": "Yes"}, {"verdict": "fix", "text": "Yes, \u2028 it is"},
        {"verdict": "fix", "text": "No"}, {"verdict": "reject", "text": ""},
    ],
    "names": [
        [], [{"start": 0, "end": 3, "label": "one"}], [{"start": 2, "end": 5, "label": "two"}],
    ],
}  # fmt: skip
TEXTS = (
    "Ada met Bob.",
    "标注数据 \u2028 yes",
    "say <<<this>>> now",
    "  padded\t",
    "",
    "x\x00y 🙂 z",
)
OUTCOMES: tuple[Outcome, ...] = ("parsed",) * 6 + ("repaired", "refused", "invalid", "error")  # type: ignore[assignment]
KINDS = (["answer"], ["answer", "second"], ["not_asked"], ["skip"])
EXPOSURES: tuple[Any, ...] = (
    None,
    {"mode": "blind", "arm": "main", "shown": "never"},
    {"mode": "suggest", "arm": "main", "shown": "before"},
    {"mode": "reveal", "arm": "main", "shown": "after"},
    {"mode": "other", "shown": "unknown"},
)
PEOPLE = ("Ann", "Bea", "Cem")


def at(hour: int, second: int = 0) -> str:
    return f"2026-03-01T{hour:02}:00:{second:02}.000000Z"


@dataclass
class Chance:
    """Fills a database. plain: how much of it is the usual, 0..1: one round, an answer, no more."""

    store: Store
    seed: int
    plain: float = 0.5
    people: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    def fill(self, items: int) -> Project:
        with self.store.transaction():
            ids = self.begin(items)
            for question in PROJECT.questions:
                self._question(question.name, ids)
        return PROJECT

    def begin(self, items: int) -> list[str]:
        """Ids of items of which nothing was said yet, and people."""
        with self.store.transaction():
            self.store.projects.record("any", text="", hash="h", now=at(9))
            for name in PEOPLE:
                person = add_person(self.store, name, "annotator", actor=operator(START), now=START)
                self.people.append(person.id)
            ids = [digest("any", n) for n in range(items)]
            self.store.items.add(self._item(n, id_) for n, id_ in enumerate(ids))
        return ids

    def _item(self, n: int, id_: str) -> Item:
        fields = {name: f"{self._one(TEXTS)}" for name in ("prompt", "x", "y")}
        key = f"id:{n}" if self._may(0.9) else f"hash:{n}"
        body = f"{n % 7} {self._one(TEXTS)} word"
        return Item(id_, "any", n, key, f"c{n}", {"body": body, **fields}, {"n": n}, at(9))

    def rounds(self, name: str) -> list[Routing]:
        """Two rounds of the model have been started; two routings."""
        for number, hour in ((1, 10), (2, 13)):
            self.store.prelabels.start_round(
                Round(f"{name}{number}", "any", name, f"s{number}", "m", ("instruction",), (),
                      "missing", at(hour), at(hour))
            )  # fmt: skip
        routings = [Routing(f"r{name}{n}", "any", name, n, "random", {}, at(12)) for n in (1, 2)]
        for routing in routings:
            self.store.decisions.start(routing)
        return routings

    def _question(self, name: str, ids: list[str]) -> None:
        routings = self.rounds(name)
        for id_ in ids:
            plain = self._may(self.plain)
            self._calls(name, id_, 1, 10, plain)
            if not plain and self._may(0.3):
                self._calls(name, id_, 2, 13, plain)
            for routing in routings[: 1 if plain else self.random.randint(0, 2)]:
                self.store.decisions.add(routing, [self._decision(name, id_, routing, plain)])
            self._answers(name, id_, plain)
            if not plain and self._may(0.15):
                self._rulings(name, id_)

    def _calls(self, name: str, id_: str, number: int, hour: int, plain: bool) -> None:
        asked = self.random.randint(1, 3)
        for sample in range(asked):
            tries = 1 if plain else self.random.randint(1, 2)
            for again in range(tries):
                outcome: Outcome = "parsed" if plain else self._one(OUTCOMES)
                value = self._one(VALUES[name]) if outcome in ("parsed", "repaired") else None
                made = at(hour if plain else self.random.choice((hour, 14)), again)
                self.store.prelabels.add([
                    Prelabel(
                        f"{id_}{name}{number}{sample}{again}", "any", id_, name, f"{name}{number}",
                        self._one(("instruction", "paraphrase")), sample, self._one(("m", "n")),
                        "v1", "0", outcome, value, None, 0.5, None, None, None, 1, 1, 0.5, made,
                    )
                ])  # fmt: skip
        if plain or self._may(0.9):
            self.store.prelabels.finish_item(f"{name}{number}", id_, errors=0, now=at(hour))

    def call(self, name: str, id_: str, number: int, value: Any, made: str) -> None:
        """One answer of a round that is done with its item."""
        said = Prelabel(
            f"{id_}{name}{number}", "any", id_, name, f"{name}{number}", "instruction", 0, "m",
            "v1", "0", "parsed", value, None, 0.5, None, None, None, 1, 1, 0.5, made,
        )  # fmt: skip
        self.store.prelabels.add([said])
        self.store.prelabels.finish_item(f"{name}{number}", id_, errors=0, now=made)

    def _decision(self, name: str, id_: str, routing: Routing, plain: bool) -> Decision:
        value = None if not plain and self._may(0.1) else self._one(VALUES[name])
        label = value if self._may(0.8) else self._one(VALUES[name])
        where = "annotate" if plain else self._one(("auto", "annotate", "audit", "strong"))
        policy = "random" if plain else self._one(("random", "certificate"))
        return Decision(
            f"{routing.id}{id_}", "any", id_, name, where, self.random.random(), value, 0.5, policy,
            "drawn", at(self._one((9, 11, 14))) if not plain else at(12), label,
        )  # fmt: skip

    def _answers(self, name: str, id_: str, plain: bool) -> None:
        people = self.random.sample(self.people, 1 if plain else self.random.randint(0, 3))
        for slot, person in enumerate(people):
            key = f"{id_}{name}{slot}"
            self.store.assignments.add(
                [Assignment(key, "any", id_, name, slot, 0.5, "done", person, None)], now=at(9)
            )
            for kind in ["answer"] if plain else self._one(KINDS):
                self._answer(name, id_, key, person, kind, plain)

    def _answer(self, name: str, id_: str, key: str, person: str, kind: Any, plain: bool) -> None:
        value = self._one(VALUES[name]) if kind in ("answer", "second") else None
        exposure = EXPOSURES[1] if plain else self._one(EXPOSURES)
        if exposure is not None and exposure["shown"] == "before" and self._may(0.5):
            exposure = exposure | {"said": value if self._may(0.5) else self._one(VALUES[name])}
        shown = None if plain or self._may(0.7) else self._one(("imported", "d0"))
        made = at(self._one((14, 15)), self.random.randint(0, 59))
        said = Annotation(
            f"{key}{kind}", "any", id_, name, key, person, kind, value,
            "a note" if self._may(0.1) else None, shown, 1.5, made, None, exposure,
        )  # fmt: skip
        self.store.annotations.add(said)
        if not plain and self._may(0.1):
            self.store.annotations.retract(said.id, person, now=at(16))

    def _rulings(self, name: str, id_: str) -> None:
        kind = self._one(("decided", "decided", "ambiguous", "sent_back"))
        value = self._one(VALUES[name]) if kind == "decided" else None
        self.store.adjudications.add(
            Adjudication(
                f"j{id_}{name}", "any", id_, name, 1, kind, value, "so", "g", self.people[0], None,
                at(15), None,
            )
        )  # fmt: skip

    def _may(self, share: float) -> bool:
        return self.random.random() < share

    def _one(self, among: Any) -> Any:
        return self.random.choice(among)
