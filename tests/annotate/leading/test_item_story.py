"""One item's story: everything that was said and done, in order, undone things too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from annotate.clock import iso
from annotate.errors import NotAllowed, NotFound
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.providers.function import FunctionProvider
from annotate.model import AnnotationKind, Person
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.store.queue.checks import Check, Purpose
from annotate.store.queue.flags import Flagged
from annotate.workflow.decisions.adjudicating import decide
from annotate.workflow.disagreement.item_story import ItemStory, item_story
from annotate.workflow.prelabels.prelabelling import prelabel
from annotate.workflow.prelabels.sent import sent
from annotate.workflow.routes.routing import route
from tests.labelling import assign, submit, undo
from tests.small import (
    MINUTE,
    QUESTION,
    START,
    Clock,
    add_items,
    machine_says,
    small_project,
    someone,
)

LEAD = operator(START)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "s.db") as opened:
        yield opened


@pytest.fixture
def project() -> Project:
    return small_project(
        routing={"signal": "entropy", "policy": "budget", "budget": 1.0, "audit": 0.0}
    )


def told(store: Store, project: Project, item_id: str) -> ItemStory:
    return item_story(store, project, item_id, actor=LEAD)


def lived(store: Store, project: Project) -> tuple[str, Person]:
    """An item that was voted on, routed, answered, undone, answered again, flagged and decided."""
    [one] = add_items(store, project, 1)
    machine_says(store, project, {one: [("spam", 0.9), "ham", "refused"]}, started=START)
    numbers, clock = iter(range(100)), Clock(START)
    ask, ann = project.question(QUESTION), someone(store, "Ann")
    route(
        store, project, ask, actor=LEAD, now=clock.forward(1),
        new_id=lambda: f"r{next(numbers)}",
    )  # fmt: skip
    for value, again in (("spam", True), ("ham", False)):
        task = assign(store, project, actor=ann, now=clock.forward(1))
        assert task is not None
        submit(store, project, task, value, actor=ann, now=clock.forward(1), seconds=2.5, note="hm")
        if again:
            undo(store, project, actor=ann, now=clock.forward(1))
    store.flags.add(Flagged("f", project.project, one, ann.id, "is it?", iso(clock.forward(1))))
    store.flags.close(project.project, one, by="operator", now=iso(clock.forward(1)))
    decide(
        store, project, ask, one, "ham", comment="rule 3", actor=LEAD, now=clock.forward(1),
        new_id=lambda: "a1",
    )  # fmt: skip
    return one, ann


def test_everything_is_told_in_order(store: Store, project: Project) -> None:
    one, _ = lived(store, project)
    events = told(store, project, one).events
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert [(event.kind, event.said, event.counts) for event in events] == [
        ("import", "came in", True),
        ("model", "spam", True),
        ("model", "ham", True),
        ("model", "refused", True),
        ("route", "to people; the model says spam", True),
        ("answer", "spam", False),
        ("undo", "took back spam", True),
        ("answer", "ham", True),
        ("flag", "is it?", True),
        ("flag", "saw to the flag", True),
        ("decision", "decided: ham", True),
    ]
    by_kind = {event.kind: event for event in events}
    assert by_kind["answer"].who == "Ann"
    assert by_kind["answer"].details == ("blind", "in 2.5 s", "note: hm")
    assert by_kind["decision"].details[-1] == "comment: rule 3"
    votes = [event for event in events if event.kind == "model"]
    assert votes[0].details == ("asked as v0", "says it is 90% sure")
    assert by_kind["route"].who == "policy budget"


def test_what_people_had_seen_is_told(store: Store, project: Project) -> None:
    one, _ = lived(store, project)
    given = store.annotations.of_item(one)[-1]
    seen: list[tuple[AnnotationKind, dict[str, str], str]] = [
        ("answer", {"shown": "before", "said": "spam"}, "with the model's answer (spam) in sight"),
        ("answer", {"shown": "after", "said": "spam"}, "blind; the model's answer (spam) was"),
        ("second", {"shown": "before"}, "a second thought, after the model's answer"),
    ]
    for at, (kind, exposure, _) in enumerate(seen):
        added = replace(
            given, id=f"x{at}", kind=kind, exposure=exposure, op_id=f"x{at}",
            created_at=iso(START + (20 + at) * MINUTE),
        )  # fmt: skip
        store.annotations.add(added)
    answers = [e for e in told(store, project, one).events if e.kind in ("answer", "second")]
    for event, (kind, _, words) in zip(answers[-3:], seen, strict=True):
        assert event.kind == kind
        assert event.details[0].startswith(words)


@pytest.mark.parametrize(
    ("purpose", "details"),
    [
        ("gold", ("answered as a check: counts as no label", "0 of 1 right")),
        ("training", ("answered in training: counts as no label", "0 of 1 right")),
        (
            "reask",
            ("asked again, without being told: counts as no label", "0 of 1 as they said before"),
        ),
    ],
)
def test_a_check_is_no_label(
    store: Store, project: Project, purpose: Purpose, details: tuple[str, ...]
) -> None:
    [one] = add_items(store, project, 1)
    ann, at = someone(store, "Ann"), iso(START + MINUTE)
    store.checks.add([
        Check(
            ann.id, one, project.project, purpose, "done", 1, {QUESTION: "ham"}, 0, 1, None, 2.0,
            None, None, at, at,
        )
    ])  # fmt: skip
    [_, check] = told(store, project, one).events
    assert (check.kind, check.who, check.said) == ("check", "Ann", '{"mail": "ham"}')
    assert check.details == details


def test_who_may_see_it(store: Store, project: Project) -> None:
    one, ann = lived(store, project)
    with pytest.raises(NotAllowed):
        item_story(store, project, one, actor=ann)
    with pytest.raises(NotFound, match="has no item 'zz'"):
        told(store, project, "zz")


def asked(store: Store, project: Project) -> tuple[str, ChatPrelabeller]:
    """An item about which a model was asked, and the one that asked."""
    [one] = add_items(store, project, 1)
    ask = project.question(QUESTION)
    provider = FunctionProvider(lambda prompt, sample: "spam")
    prelabeller = ChatPrelabeller(project, ask, provider)
    numbers = iter(range(100))
    prelabel(
        store, project, ask, prelabeller, actor=LEAD, clock=Clock(START),
        new_id=lambda: f"p{next(numbers)}",
    )  # fmt: skip
    return one, prelabeller


def test_what_was_sent_is_shown_exactly(store: Store, project: Project) -> None:
    one, prelabeller = asked(store, project)
    for vote in store.history.prelabels(one):
        found = sent(store, project, prelabeller, vote, actor=LEAD)
        assert found.exact
        assert found.call is not None
        assert found.call.prompt.hash == vote.prompt_hash
        assert "mail 0" in found.call.prompt.messages[-1].content


def test_a_prompt_of_another_guideline_is_not_passed_off(store: Store, project: Project) -> None:
    one, _ = asked(store, project)
    changed = small_project(guideline="Spam is what nobody asked for.")
    provider = FunctionProvider(lambda prompt, sample: "spam")
    now = ChatPrelabeller(changed, changed.question(QUESTION), provider)
    vote = store.history.prelabels(one)[0]
    found = sent(store, changed, now, vote, actor=LEAD)
    assert found.call is not None
    assert not found.exact
    with pytest.raises(NotFound, match="asks nothing as 'gone' any more"):
        sent(store, changed, now, replace(vote, variant="gone"), actor=LEAD)
