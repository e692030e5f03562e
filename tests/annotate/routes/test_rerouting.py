"""Other routing settings: a preview says what a routing then does, a change is on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from annotate.errors import AnnotateError, InvalidProject, NothingToDo
from annotate.model import Person
from annotate.project import Project, load_project
from annotate.project.editing import REMOVE
from annotate.store import Store
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.previewing import preview
from annotate.workflow.routes.rerouting import change, changed_routing, changes_for, route_all
from annotate.workflow.routes.routing import route
from annotate.workspace import record_version
from tests.labelling import assign, submit
from tests.small import QUESTION, START, Clock, add_items, machine_says, someone

FILE = """\
project: mails
title: Mails
fields: [text]
questions:
  - {name: mail, type: single_label, text: What is it?, labels: [{name: spam}, {name: ham}]}
routing:
  policy: budget  # for now
  budget: 0.3
  audit: 0.1
"""
COUNT = 60
NewId = Callable[[], str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "task.yaml"
    found.write_text(FILE, "utf-8")
    return found


@pytest.fixture
def mails(store: Store, path: Path, lead: Person, new_id: NewId, clock: Clock) -> Project:
    """Sixty routed mails, of which Ann has answered eight."""
    project = load_project(path)
    record_version(store, path, project, now=clock())
    ids = add_items(store, project, COUNT)
    said = {i: ["spam"] * (at % 4 + 1) + ["ham"] * (4 - at % 4) for at, i in enumerate(ids)}
    machine_says(store, project, said)
    ann, question = someone(store, "Ann"), project.question(QUESTION)
    route(store, project, question, actor=lead, now=clock.forward(1), new_id=new_id)
    for at in range(8):
        task = assign(store, project, actor=ann, now=clock.forward(1))
        assert task is not None
        value = "ham" if at % 2 else "spam"
        submit(store, project, task, value, actor=ann, now=clock.forward(1), seconds=6.0)
    return project


@pytest.mark.parametrize(
    "wanted",
    [
        {"budget": 0.6},
        {"budget": 0.1, "audit": 0.5},
        {"budget": None, "budget_items": 17},
        {"policy": "threshold", "threshold": 0.4},
        {"policy": "random", "budget": 0.5},
        {"policy": "cost", "error_usd": 1.0, "hour_usd": 120.0},
        {"policy": "promise", "target_error": 0.2},
        {"signal": "entropy", "budget": 0.5},
    ],
)
def test_what_is_previewed_is_what_a_routing_does(
    store: Store,
    path: Path,
    mails: Project,
    lead: Person,
    new_id: NewId,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    wanted: dict[str, object],
) -> None:
    question, now = mails.question(QUESTION), clock.forward(1)
    # a preview goes by the risks on record: these shall be of all the answers, to the last digit
    monkeypatch.setattr("annotate.workflow.routes.deciding.STALE", 1e-12)
    route(store, mails, question, actor=lead, now=now, new_id=new_id)
    before = store.progress.destinations("mails", QUESTION)
    found = preview(store, path, mails, question, wanted, actor=lead)
    assert store.progress.destinations("mails", QUESTION) == before == found.before.destinations
    assert path.read_text("utf-8") == FILE
    assert found.told
    assert found.exact == ("signal" in wanted)
    assert sum(found.after.destinations.values()) == COUNT
    changed = change(store, path, mails, wanted, reason="A try", actor=lead, now=now)
    reports = route_all(
        store,
        changed,
        actor=lead,
        now=clock.forward(1),
        new_id=new_id,
        features=ItemFeatures,
    )
    assert reports[QUESTION].destinations == found.after.destinations
    assert sum(found.moved.values()) <= reports[QUESTION].changed


def test_a_preview_counts_labels_time_and_money(
    store: Store, path: Path, mails: Project, lead: Person
) -> None:
    found = preview(
        store, path, mails, mails.question(QUESTION), {"budget": 1.0, "hour_usd": 36}, actor=lead
    )
    assert found.after.labels == 52.0
    assert found.after.minutes == pytest.approx(5.2)
    assert found.after.usd == pytest.approx(3.12)
    assert found.before.usd == pytest.approx(0.72)
    assert found.after.error == 0.0
    assert found.before.error > 0.05


def test_with_nothing_wanted_it_tells_what_routing_now_would_move(
    store: Store, path: Path, mails: Project, lead: Person
) -> None:
    found = preview(store, path, mails, mails.question(QUESTION), {}, actor=lead)
    assert (found.told, dict(found.moved)) == ((), {})


def test_settings_that_do_not_fit_are_refused(
    store: Store, path: Path, mails: Project, lead: Person
) -> None:
    question = mails.question(QUESTION)
    with pytest.raises(InvalidProject, match="is required for policy threshold"):
        preview(store, path, mails, question, {"policy": "threshold"}, actor=lead)
    with pytest.raises(AnnotateError, match="has no key 'bugdet'"):
        preview(store, path, mails, question, {"bugdet": 0.5}, actor=lead)


def test_a_policys_own_keys_go_with_it(mails: Project) -> None:
    changes = changes_for(mails.routing, {"policy": "threshold", "threshold": 0.2})
    assert changes == {
        ("routing", "budget"): REMOVE,
        ("routing", "policy"): "threshold",
        ("routing", "threshold"): 0.2,
    }
    assert changes_for(mails.routing, {"budget_items": 5}) == {
        ("routing", "budget"): REMOVE,
        ("routing", "budget_items"): 5,
    }


def test_changes_are_listed_with_who_why_and_the_run_that_followed(
    store: Store, path: Path, mails: Project, lead: Person, new_id: NewId, clock: Clock
) -> None:
    now = clock.forward(1)
    changed = change(store, path, mails, {"budget": 0.5}, reason="More", actor=lead, now=now)
    route_all(
        store,
        changed,
        actor=lead,
        now=clock.forward(1),
        new_id=new_id,
        features=ItemFeatures,
    )
    again = change(
        store, path, changed, {"seed": 3}, reason="Chance", actor=lead, now=clock.forward(1)
    )
    newest, first = changed_routing(store, again, actor=lead)
    assert (newest.told, newest.version.reason, newest.runs) == (
        ("routing.seed: 0 → 3",),
        "Chance",
        {},
    )
    assert (first.told, first.version.person) == (("routing.budget: 0.3 → 0.5",), lead.name)
    assert first.runs[QUESTION].number == 2
    assert "# for now" in path.read_text("utf-8")


def test_nothing_routed_is_nothing_to_look_ahead_from(
    store: Store, path: Path, lead: Person
) -> None:
    project = load_project(path)
    with pytest.raises(NothingToDo, match="has been routed"):
        preview(store, path, project, project.question(QUESTION), {"budget": 0.5}, actor=lead)
    found = route_all(
        store,
        project,
        actor=lead,
        now=START,
        new_id=str,
        features=ItemFeatures,
    )
    assert found == {}
