"""What a lead finds: items by filters and text, in order, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotate.clock import iso
from annotate.errors import AnnotateError, NotAllowed, NotFound
from annotate.hashing import digest
from annotate.model import Item
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.workflow.disagreement.chosen import Filters, filters_from
from annotate.workflow.disagreement.disagreeing import (
    Disagreements,
    disagreements_of,
    neighbours_of,
)
from annotate.workflow.disagreement.slice_keeping import KeptVotes, NotMadeYet, keep, keep_all
from annotate.workflow.disagreement.slicing import Votes
from annotate.workflow.routes.routing import route
from tests.annotate.support.answering import people_say
from tests.small import (
    MINUTE,
    QUESTION,
    START,
    add_items,
    know,
    machine_says,
    small_project,
    someone,
)

LEAD = operator(START)
WEEK = 7 * 24 * 60
TEXTS = (
    ("Refund my ÉCLAIR", "mail"),
    ("the parcel is not working", "web"),
    ("working, or not?", "web"),
    ("垃圾邮件", "mail"),
    ('no "quotes" here', "mail"),
    ("unanswered refund", "web"),
)


PROJECT = small_project(routing={"policy": "random", "budget": 1.0, "audit": 0.0})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For tests that only look."""
    with open_store(tmp_path_factory.mktemp("read") / "s.db") as opened:
        filled(opened, PROJECT)
        yield opened


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Store]:
    """For a test that changes it; empty."""
    with open_store(tmp_path / "s.db") as opened:
        know(opened, PROJECT)
        yield opened


@pytest.fixture
def project() -> Project:
    return PROJECT


@pytest.fixture(scope="module")
def ids(store: Store) -> list[str]:
    return [item.id for item in store.items.page(PROJECT.project)]


def filled(store: Store, project: Project) -> list[str]:
    """Six items; the machine has answered all, Ann five, Ben three of those."""
    items = [
        Item(
            digest("item", at), project.project, at, f"id:own{at}", str(at), {"text": text},
            {"from": source, "at": {"deep": 1}}, iso(START),
        )
        for at, (text, source) in enumerate(TEXTS)
    ]  # fmt: skip
    with store.transaction():
        know(store, project)
        store.items.add(items)
    names = [one.id for one in items]
    said = ["spam", "spam", "ham", "ham", "ham", "spam"]
    machine_says(store, project, {i: [v] * 3 for i, v in zip(names, said, strict=True)})
    numbers = iter(range(100))
    ask = project.question(QUESTION)
    route(store, project, ask, actor=LEAD, now=START, new_id=lambda: f"r{next(numbers)}")
    ann = dict(zip(names, ["spam", "ham", "ham", "spam", "ham"], strict=False))
    people_say(store, project, {i: {"Ann": v} for i, v in ann.items()})
    ben = {names[0]: "ham", names[1]: "ham", names[2]: "ham"}
    people_say(store, project, {i: {"Ben": v} for i, v in ben.items()}, minute=WEEK)
    return names


def looked(
    store: Store, project: Project, *, after: str = "", size: int = 25, **chosen: str
) -> Disagreements:
    return disagreements_of(
        store, project, project.question(QUESTION), Filters(**chosen),
        actor=LEAD, now=START + MINUTE, after=after, size=size,
    )  # fmt: skip


def found(store: Store, project: Project, **chosen: Any) -> set[str]:
    return {one.item.id for one in looked(store, project, **chosen).found}


def test_what_differs_comes_first(store: Store, project: Project, ids: list[str]) -> None:
    seen = looked(store, project)
    assert (seen.answered, seen.total, seen.first) == (5, 3, 0)
    assert {one.item.id for one in seen.found} == {ids[0], ids[1], ids[3]}
    priorities = [one.priority for one in seen.found]
    assert priorities == sorted(priorities, reverse=True)
    [split] = [one for one in seen.found if one.item.id == ids[0]]
    assert split.answers == [("Ann", "spam"), ("Ben", "ham")]
    assert split.machine == "spam"
    assert split.standing is not None
    assert split.standing.status == "disputed"
    # people in rows: spam, ham; the model in columns: spam, ham, no answer
    assert seen.against.counts.tolist() == [[1, 1, 0], [2, 2, 0]]
    assert seen.between.counts.tolist() == [[0, 1], [1, 2]]
    assert seen.options.people == ("Ann", "Ben")
    assert seen.options.weeks == ("2026-02-23", "2026-03-02")
    assert seen.options.source_keys == ("from",)


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"show": "all"}, {0, 1, 2, 3, 4}),
        ({"people": "ham", "model": "spam"}, {0, 1}),
        ({"people": "spam", "model": "spam"}, {0}),
        ({"annotator": "Ben"}, {0, 1}),
        ({"annotator": "Ann", "people": "spam"}, {0, 3}),
        ({"annotator": "Ann", "other": "Ben", "people": "spam", "other_says": "ham"}, {0}),
        ({"week": "2026-03-02"}, {0, 1}),
        ({"source_key": "from", "source": "mail"}, {0, 3}),
        ({"source_key": "from", "source": "web", "show": "all"}, {1, 2}),
        ({"status": "disputed"}, {0}),
        ({"answered_by": "made up", "prompt": "1"}, {0, 1, 3}),
        ({"search": "éclair"}, {0}),
        ({"search": "working", "show": "all"}, {1, 2}),
        ({"search": '"not working"', "show": "all"}, {1}),
        ({"search": "working not", "show": "all"}, {1, 2}),
        ({"search": "垃圾"}, {3}),
        ({"search": "邮件"}, {3}),
        ({"search": "own1"}, {1}),
        ({"search": "refund"}, {0}),
        ({"search": '"quotes', "show": "all"}, {4}),
        ({"search": "nothing like it"}, set()),
        ({"search": "t working", "show": "all"}, {1, 2}),
        ({"search": "z working", "show": "all"}, set()),
        ({"search": "working", "source_key": "from", "source": "mail", "show": "all"}, set()),
    ],
)
def test_filters_combine(
    store: Store, project: Project, ids: list[str], chosen: dict[str, Any], left: set[int]
) -> None:
    assert found(store, project, **chosen) == {ids[at] for at in left}


def test_a_later_answer_is_seen_at_once(own: Store, project: Project) -> None:
    store, ids = own, filled(own, project)
    assert looked(store, project).total == 3
    assert found(store, project, search=ids[0]) == {ids[0]}
    people_say(store, project, {ids[2]: {"Cid": "spam"}}, minute=2 * WEEK)
    seen = looked(store, project)
    assert seen.total == 4
    assert seen.options.people == ("Ann", "Ben", "Cid")
    store.annotations.retract(
        store.annotations.of_item(ids[2])[-1].id, someone(store, "Cid").id, now=iso(START)
    )
    assert looked(store, project).total == 3


def test_items_that_come_later_are_found(own: Store, project: Project) -> None:
    store, ids = own, filled(own, project)
    assert found(store, project, source_key="from", source="mail") == {ids[0], ids[3]}
    late = Item(
        digest("late"),
        project.project,
        6,
        "id:l",
        "l",
        {"text": "晚 refund"},
        {"from": "mail"},
        iso(START),
    )
    store.items.add([late])
    people_say(store, project, {late.id: {"Ann": "spam"}})
    assert found(store, project, search="refund", show="all") == {ids[0], late.id}
    assert found(store, project, source_key="from", source="mail", show="all") == {
        ids[0], ids[3], ids[4], late.id,
    }  # fmt: skip


def test_pages_go_on_where_they_ended(store: Store, project: Project, ids: list[str]) -> None:
    whole = [one.item.id for one in looked(store, project, show="all").found]
    first = looked(store, project, show="all", size=2)
    assert first.before is None
    second = looked(store, project, show="all", size=2, after=str(first.behind))
    third = looked(store, project, show="all", size=2, after=str(second.behind))
    assert [one.item.id for p in (first, second, third) for one in p.found] == whole
    assert (second.first, third.first, third.behind) == (2, 4, None)
    back = looked(store, project, show="all", size=2, after=str(third.before))
    assert [one.item.id for one in back.found] == [one.item.id for one in second.found]


def test_neighbours_stand_in_the_same_order(store: Store, project: Project, ids: list[str]) -> None:
    whole = [one.item for one in looked(store, project, show="all").found]
    ask, every = project.question(QUESTION), Filters(show="all")
    for at, item in enumerate(whole):
        here = neighbours_of(store, project, ask, every, item, actor=LEAD, now=START)
        assert (here.number, here.total) == (at + 1, 5)
        assert here.before == (whole[at - 1].id if at else None)
        assert here.behind == (whole[at + 1].id if at < 4 else None)
    unanswered = store.items.get(ids[5])
    assert unanswered is not None
    here = neighbours_of(store, project, ask, every, unanswered, actor=LEAD, now=START)
    assert (here.number, here.before, here.behind) == (None, None, whole[0].id)


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"people": "eggs"}, "there are: spam, ham"),
        ({"annotator": "Zoe"}, "there are: Ann, Ben"),
        ({"week": "2026-03-03"}, "2026-02-23, 2026-03-02"),
        ({"source": "web"}, "name the key"),
        ({"source_key": "from", "source": "phone"}, "there are: mail, web"),
        ({"answered_by": "gpt"}, "there are: made up"),
        ({"show": "some"}, "neither `differing` nor `all`"),
        ({"search": 'x "y"'}, "word of 2 characters or more"),
        ({"search": "x" * 201}, "up to 200 characters"),
    ],
)
def test_what_is_not_there_is_told(
    store: Store, project: Project, ids: list[str], chosen: dict[str, Any], why: str
) -> None:
    with pytest.raises(AnnotateError, match=why):
        looked(store, project, **chosen)


def test_a_cursor_that_is_none_is_told(store: Store, project: Project, ids: list[str]) -> None:
    with pytest.raises(NotFound, match="begins no page"):
        looked(store, project, after="x~1")


def test_annotators_are_refused(store: Store, project: Project, ids: list[str]) -> None:
    ask, ann = project.question(QUESTION), someone(store, "Ann")  # she is there already
    with pytest.raises(NotAllowed):
        disagreements_of(store, project, ask, Filters(), actor=ann, now=START)


def test_nothing_answered_is_no_error(own: Store, project: Project) -> None:
    store = own
    seen = looked(store, project)
    assert (seen.answered, seen.total, seen.found) == (0, 0, [])


def test_without_classes_distance_tells_who_differs(own: Store) -> None:
    labels = [{"name": name} for name in ("price", "taste", "service")]
    ask = {"name": QUESTION, "type": "multi_label", "text": "What of it?", "labels": labels}
    project = small_project(questions=[ask])
    ids = add_items(own, project, 3)
    machine_says(own, project, {i: [["price"]] * 3 for i in ids})  # type: ignore[list-item]
    numbers = iter(range(100))
    route(
        own, project, project.question(QUESTION), actor=LEAD, now=START,
        new_id=lambda: f"r{next(numbers)}",
    )  # fmt: skip
    said = [(["price"], ["price"]), (["price"], ["taste"]), (["service"], ["service"])]
    both = zip(ids, said, strict=True)
    people_say(own, project, {i: {"Ann": a, "Ben": b} for i, (a, b) in both})
    seen = looked(own, project)
    assert {one.item.id for one in seen.found} == {ids[1], ids[2]}
    assert all(one.machine == ["price"] for one in seen.found)
    assert seen.against.counts.size == seen.between.counts.size == seen.against.compared == 0
    assert {one.item.id for one in looked(own, project, annotator="Ben").found} == {ids[1], ids[2]}
    assert looked(own, project, show="all").total == 3


def test_filters_live_in_an_address() -> None:
    chosen = Filters(people="spam", week="2026-03-02", search="不 好")
    assert chosen.words() == {"people": "spam", "week": "2026-03-02", "search": "不 好"}
    assert filters_from(chosen.words() | {"item": "x"}) == chosen


def test_a_key_that_tells_all_items_apart_is_no_source(own: Store, project: Project) -> None:
    store = own
    store.items.add(
        Item(
            f"{at:032x}", project.project, at, f"id:{at}", "h", {"text": "x"}, {"n": at}, iso(START)
        )
        for at in range(1001)
    )
    with pytest.raises(AnnotateError, match="more than 1,000 values"):
        looked(store, project, source_key="n", source="1")


def test_of_very_many_answers_nobody_waits_for_what_was_never_put_in_order(
    own: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(own, PROJECT)
    ask, few = PROJECT.question(QUESTION), "annotate.workflow.disagreement"
    for module in ("slice_keeping", "sources"):
        monkeypatch.setattr(f"{few}.{module}.FEW", 0)

    def at_once(**chosen: str) -> int:
        filters = Filters(show="all", **chosen)
        return disagreements_of(
            own, PROJECT, ask, filters, actor=LEAD, now=START, wait=False
        ).total  # fmt: skip

    with pytest.raises(NotMadeYet, match="put in order for the first time"):
        at_once()
    keep(own, PROJECT, ask, now=START)
    assert at_once() == 5
    with pytest.raises(NotMadeYet, match="choose it again in a minute"):
        at_once(prompt="1")
    assert looked(own, PROJECT, source_key="from", source="web", show="all").total == 2
    own.items.add(
        [Item(digest("new"), PROJECT.project, 6, "id:new", "h", {"text": "x"}, {}, iso(START))]
    )
    keep_all(own, PROJECT, ask, now=START)
    assert at_once(prompt="1") == 5
    assert at_once(source_key="from", source="mail") == 3


def test_votes_are_told_by_the_codes_that_answers_have() -> None:
    votes = Votes(*(np.array([0, 1, 2], dtype=np.int32) for _ in Votes._fields))
    kept = KeptVotes(votes, ("ham", "spam", "eggs"), ("model",), ("1",))
    assert kept.by(("ham", "spam", "eggs", "more")) is kept
    again = kept.by(("ham", "old", "spam"))
    assert again.votes.value.tolist() == [0, 2, 3]  # eggs, which no answer says, behind them
    assert again.votes.position.tolist() == [0, 1, 2]
