"""A lead's figures of people, by hand: counts, pace, agreement, labels, states, and warnings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from annotate.accounts import deactivate
from annotate.clock import iso
from annotate.errors import NotFound
from annotate.hashing import digest
from annotate.model import Annotation
from annotate.store import Store
from annotate.workflow.consensus.consenting import refresh
from annotate.workflow.team.attention import decide_training, give_skills
from annotate.workflow.team.figures import Figures, Quality, Rate, warnings_of
from annotate.workflow.team.leading import pause_person
from annotate.workflow.team.person_detail import person_detail
from annotate.workflow.team.teaming import Member, Team, team
from tests.annotate.support.browser import Browser
from tests.small import START, Clock, add_items, add_slots, small_project, someone

NONE = Rate(0, 0)


class Crew:
    """Items for three people each, and who says what of them, when and in how many seconds."""

    def __init__(self, store: Store, clock: Clock, items: int = 4, **people: Any) -> None:
        self.store, self.clock = store, clock
        self.project = small_project(people={"per_item": 3} | people)
        self.ids = add_items(store, self.project, items)
        add_slots(store, self.project, self.ids, 3)
        self.lena = someone(store, "Lena", "lead")
        self.people = {name: someone(store, name) for name in ("Ann", "Bob", "Cy")}

    def says(
        self, name: str, at: int, value: str, *, days: float = 0, seconds: float | None = None
    ) -> Annotation:
        who = self.people[name].id
        slot = [*self.people].index(name)
        made = Annotation(
            id=digest(name, at),
            project="mails",
            item_id=self.ids[at],
            question="mail",
            assignment_id=digest(self.ids[at], "mail", slot),
            person_id=who,
            kind="answer",
            value=value,
            note=None,
            shown_prelabel=None,
            seconds=seconds,
            created_at=iso(START - timedelta(days=days) + timedelta(seconds=at)),
            undone_at=None,
        )
        self.store.annotations.add(made)
        return made

    def team(self) -> Team:
        (question,) = self.project.questions
        later = START + timedelta(hours=1)
        return team(self.store, self.project, question, actor=self.lena, now=later)

    def member(self, name: str) -> Member:
        found = self.team().named(name)
        assert found is not None
        return found


@pytest.fixture
def crew(store: Store, clock: Clock) -> Crew:
    return Crew(store, clock)


def test_answers_of_today_of_the_week_and_in_all(crew: Crew) -> None:
    for at, days in enumerate((0, 1, 5, 30)):
        taken = crew.says("Ann", at, "spam", days=days)
    crew.store.annotations.retract(taken.id, taken.person_id, now=iso(START))
    ann = crew.member("Ann")
    assert tuple(ann.counted) == (3, 0, 1, 3)
    assert ann.last == "2026-03-01T09:00:00.000000Z"
    assert tuple(crew.member("Bob").counted) == (0, 0, 0, 0)
    assert [one.person.name for one in crew.team().members] == ["Ann", "Bob", "Cy"]


def test_pace_is_the_median_of_what_was_timed(crew: Crew) -> None:
    for at, seconds in enumerate((2.0, 9.0, 4.0, None)):
        crew.says("Ann", at, "spam", seconds=seconds)
    assert crew.member("Ann").figures.pace == 4.0
    assert crew.member("Bob").figures.pace is None


def test_agreement_with_the_others_leaves_oneself_out(crew: Crew) -> None:
    said = {
        "Ann": ("spam", "spam", "ham", "ham"),
        "Bob": ("spam", "ham", "ham"),
        "Cy": ("spam", "ham"),
    }
    for name, values in said.items():
        for at, value in enumerate(values):
            crew.says(name, at, value)
    # Ann: item 0 agrees, 1 differs from both, 2 agrees with Bob, 3 is hers alone
    assert crew.member("Ann").figures.others == Rate(2, 3)
    # Bob: item 0 agrees, on 1 Ann and Cy are tied, 2 agrees with Ann
    assert crew.member("Bob").figures.others == Rate(2, 2)
    assert crew.member("Cy").figures.others == Rate(1, 1)


def test_self_agreement_and_gold_come_from_checks(store: Store, clock: Clock) -> None:
    crew = Crew(store, clock, items=30, per_item=1, reask=0.5, reask_after=1, reask_hours=0.0,
                gold_share=0.3)  # fmt: skip
    gold = add_items(store, crew.project, 6)
    store.items.add_gold([(item_id, "mail", "spam") for item_id in gold])
    window = Browser(store, crew.project, crew.people["Ann"], clock)
    seen: set[str] = set()
    again = known = 0
    for _ in range(30):
        window.sync(want=1)
        task = window.tasks[0]
        again += task["id"] in seen
        known += task["id"] in gold
        value = "ham" if task["id"] in seen or task["id"] in gold else "spam"
        window.answer(task, {"mail": value})
        seen.add(task["id"])
    figures = crew.member("Ann").figures
    assert again >= 3
    assert known >= 3
    assert (figures.self_, figures.gold) == (Rate(0, again), Rate(0, known))
    assert crew.member("Ann").counted.answers == 30 - again - known


def test_skips_flags_and_what_is_in_hand(crew: Crew) -> None:
    window = Browser(crew.store, crew.project, crew.people["Ann"], crew.clock)
    window.sync(want=4)
    first, second = window.tasks[:2]
    window.answer(first, {"mail": "spam"})
    window.sync(window.op("flag", second, comment="what is this?"))
    window.drop(second)
    window.sync(window.op("skip", second))
    ann = crew.member("Ann")
    assert (ann.figures.skipped, ann.figures.flagged, ann.in_hand) == (Rate(1, 2), Rate(1, 2), 2)


def test_how_everybody_stands(store: Store, clock: Clock) -> None:
    crew = Crew(store, clock, training={"items": 2}, most_per_day=1)
    lena = crew.lena
    decide_training(store, crew.project, "Ann", excuse=True, actor=lena, now=clock())
    decide_training(store, crew.project, "Bob", excuse=True, actor=lena, now=clock())
    window = Browser(store, crew.project, crew.people["Ann"], clock)
    window.sync(want=1)
    window.answer(window.tasks[0], {"mail": "spam"})
    pause_person(store, crew.project, "Bob", reason="too fast", actor=lena, now=clock())
    give_skills(store, "Bob", ["zh"], actor=lena, now=clock())
    dee = someone(store, "Dee")
    deactivate(store, dee, actor=someone(store, "Adam", "admin"), now=clock())
    stands = {one.person.name: (one.state, one.why) for one in crew.team().members}
    assert stands == {
        "Ann": ("capped", "1 items today"),
        "Bob": ("paused", "by Lena: too fast"),
        "Cy": ("in training", "0 items done"),
    }, "Dee never worked here and cannot"
    assert crew.member("Bob").skills == ("zh",)
    deactivate(store, crew.people["Ann"], actor=someone(store, "Adam", "admin"), now=clock())
    assert crew.member("Ann").state == "deactivated"


def test_one_person_closely(crew: Crew) -> None:
    said = {"Ann": ("spam", "spam", "ham", "ham"), "Bob": ("spam", "ham", "ham", "spam")}
    for name, values in said.items():
        for at, value in enumerate(values):
            crew.says(name, at, value, days=at // 2, seconds=2.0 + at)
    (question,) = crew.project.questions
    found = person_detail(
        crew.store, crew.project, question, crew.team(), "Ann", actor=crew.lena, now=START
        + timedelta(hours=1),
    )  # fmt: skip
    assert [tuple(day) for day in found.days] == [("2026-03-01", 2, 2.5), ("2026-02-28", 2, 4.5)]
    assert found.labels == {"spam": (0.5, 0.5), "ham": (0.5, 0.5)}
    assert found.confusion is not None
    assert found.confusion.counts.tolist() == [[1, 1, 0], [1, 1, 0]]
    assert found.by == "others"
    differing = [(one.item.id, one.own, one.other) for one in found.differing]
    assert differing == [(crew.ids[1], "spam", "ham"), (crew.ids[3], "ham", "spam")]
    with pytest.raises(NotFound, match="'Zoe' does not work in 'mails'; here are: Ann, Bob, Cy"):
        person_detail(crew.store, crew.project, question, crew.team(), "Zoe", actor=crew.lena,
                      now=START)  # fmt: skip


def test_agreement_with_the_consensus_is_that_of_the_stored_one(crew: Crew) -> None:
    for at in range(4):
        crew.says("Ann", at, "spam" if at % 2 else "ham")
        crew.says("Bob", at, "spam" if at % 2 else "ham")
        crew.says("Cy", at, "spam" if at in (0, 3) else "ham")
    assert crew.member("Ann").figures.consensus is None
    (question,) = crew.project.questions
    refresh(crew.store, crew.project, question, actor=crew.lena, now=START)
    seen = crew.team()
    assert seen.consensus_at == "2026-03-01T09:00:00.000000Z"
    ann, cy = crew.member("Ann").figures.consensus, crew.member("Cy").figures.consensus
    assert ann is not None
    assert cy is not None
    assert ann.answers == cy.answers == 4
    assert ann.accuracy > cy.accuracy
    found = person_detail(
        crew.store, crew.project, question, seen, "Cy", actor=crew.lena, now=START
    )
    assert found.by == "consensus"
    assert found.confusion is not None
    assert found.confusion.counts.tolist() == [[1, 1, 0], [1, 1, 0]]


# ---- warnings


def figures(**given: Any) -> Figures:
    usual: dict[str, Any] = {
        "timed": [], "labels": {}, "others": NONE, "gold": NONE, "self_": NONE, "skipped": NONE,
        "flagged": NONE,
    }  # fmt: skip
    return Figures(**usual | given)


STEADY = figures(
    timed=[4.0] * 40 + [4.2] * 41,
    labels={"spam": 60, "ham": 60},
    others=Rate(90, 100),
    gold=Rate(45, 50),
    self_=Rate(45, 50),
    skipped=Rate(2, 100),
    consensus=Quality(100, 0.9, 0.83, 0.94),
)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"timed": [0.8] * 30}, "answers in 0.8 s at the median, the team needs 4.2 s"),
        ({"gold": Rate(10, 30)},
         "is right on 33 % (19-51) of 30 known answers, the others on 90 % (79-96) of 50"),
        ({"others": Rate(40, 80)},
         "says what the others say in 50 % (39-61) of 80 answers, they among each other in 90 % "
         "(83-94) of 100"),
        ({"consensus": Quality(80, 0.6, 0.5, 0.7), "others": Rate(40, 80)},
         "is right by the consensus in 60 % (50-70) of 80, the others in 90 %"),
        ({"self_": Rate(12, 25)}, "answers as before in 48 % (30-67) of 25 hidden re-asks"),
        ({"skipped": Rate(30, 100)},
         "skips 30 % (22-40) of 100 items, the others 2 % (1-7) of 100"),
        ({"labels": {"spam": 58, "ham": 2}},
         "says spam in 97 % of their answers, the others in 50 %"),
    ],
)  # fmt: skip
def test_warnings_in_words(given: dict[str, Any], said: str) -> None:
    assert warnings_of(figures(**given), [STEADY]) == [said]


@pytest.mark.parametrize(
    "given",
    [
        {"timed": [0.8] * 29},
        {"timed": [1.5] * 80},
        {"gold": Rate(0, 19)},
        {"gold": Rate(24, 30)},
        {"others": Rate(0, 19)},
        {"consensus": Quality(19, 0.1, 0.0, 0.3)},
        {"consensus": Quality(80, 0.85, 0.8, 0.91)},
        {"self_": Rate(0, 19)},
        {"self_": Rate(19, 25)},
        {"skipped": Rate(4, 40)},
        {"labels": {"spam": 49}},
        {},
    ],
)
def test_little_data_or_a_small_difference_is_no_warning(given: dict[str, Any]) -> None:
    assert warnings_of(figures(**given), [STEADY]) == []


def test_nobody_is_warned_of_who_works_alone() -> None:
    alone = figures(timed=[0.2] * 90, gold=Rate(1, 40), labels={"spam": 90})
    assert warnings_of(alone, []) == []


def test_who_has_warnings_comes_first(crew: Crew) -> None:
    crew = Crew(crew.store, crew.clock, items=40)
    for at in range(40):
        crew.says("Ann", at, "spam", seconds=4.0)
        if at < 35:
            crew.says("Bob", at, "spam", seconds=0.5)
    assert [(m.person.name, m.warnings) for m in crew.team().members] == [
        ("Bob", ("answers in 0.5 s at the median, the team needs 4.0 s",)),
        ("Ann", ()),
        ("Cy", ()),
    ]


def test_no_query_looks_at_everything(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    crew.says("Ann", 0, "spam")
    said: dict[str, Mapping[str, Any]] = {}
    query = crew.store._engine.query

    def listen(sql: str, params: Mapping[str, Any] = {}) -> Any:
        said.setdefault(sql, params)
        return query(sql, params)

    monkeypatch.setattr(crew.store._engine, "query", listen)
    crew.team()
    assert len(said) > 10
    steps = [
        row["detail"]
        for sql, params in said.items()
        for row in query(f"explain query plan {sql}", params)
    ]
    # people, accounts, skills, flags and retractions are few
    scanned = {step.split()[1] for step in steps if step.startswith("SCAN")}
    assert scanned <= {"p", "a2", "skills", "f", "x", "said"}, scanned
    assert [step for step in steps if "annotations" in step and step.endswith("(project=?)")] == []
