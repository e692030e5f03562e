"""The lead's morning: what waits, how good the data are, what finishing takes; and agreement."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from annotate.clock import iso
from annotate.people import operator
from annotate.project.settings import RoutingSettings
from annotate.store.jobs import Job
from annotate.store.queue.flags import Flagged
from annotate.workflow.projects.opening import set_opening
from annotate.workflow.projects.overview import shelf
from annotate.workflow.projects.overview_wording import to_finish
from app.config import FOLDER, PERSON
from app.services import Services
from tests.app.looking import MAIN, shown
from tests.app.world import MAIL, Clock, mails, person, services_in, set_up
from tests.labelling import assign, submit
from tests.small import small_project

TWO = MAIL + "people: {per_item: 2}\n"


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")  # a test that sets it is cleaned up after
    return services_in(tmp_path, now=Clock())


def page(services: Services, name: str = "") -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    os.environ[PERSON] = person(services, "Lea", "lead").name
    app.run()
    if name:
        app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    assert not app.error, app.error[0].value
    return app


def both_answer(services: Services, ann: int, bob: int, *, differing: int) -> None:
    """Ann says what the number of the mail says; Bob, who answers fewer, begins with others."""
    with services.open("mails") as (store, project):
        for name, items in (("Ann", ann), ("Bob", bob)):
            who = person(services, name)
            for at in range(items):
                task = assign(store, project, actor=who, now=services.now())
                assert task is not None
                number = int(task.item.key.removeprefix("id:m"))
                said = "money" if number % 2 else "parcel"
                if name == "Bob" and at < differing:
                    said = "other"
                submit(store, project, task, said, actor=who, now=services.now(), seconds=6.0)


def test_people_and_model_in_sentences(services: Services) -> None:
    set_up(services, TWO, mails(12), says="money")
    both_answer(services, 12, 10, differing=2)
    html = shown(page(services))
    assert "Of 10 items that several people saw, two of them say the same on 80 % (49-94)." in html
    assert "The model agrees with people (" in html
    assert " less than people agree with each other (" in html
    assert "2 answers of people to go, at 6 s each (median): 0 minutes." in html
    assert "60 calls of the model" in html


def test_what_finishing_costs() -> None:
    def told(wage: float | None, seconds: float | None = 36.0, waiting: int = 1000) -> str:
        routing = RoutingSettings.model_construct(hour_usd=wage)
        project = small_project().model_copy(update={"routing": routing})
        one: Any = SimpleNamespace(waiting=waiting, seconds=seconds)
        one.hours = None if seconds is None else waiting * seconds / 3600
        return to_finish(one, project)

    assert told(20.0) == (
        "1,000 answers of people to go, at 36 s each (median): 10.0 hours, $200.00 at $20 an hour."
    )
    assert "`routing: hour_usd:`" in told(None)
    assert told(20.0, seconds=None).endswith("; how long one takes is known after the first.")
    assert told(20.0, waiting=0) == "No answer of people is waited for."


def test_a_lead_sees_what_waits_and_sees_to_it(services: Services) -> None:
    set_up(services, TWO, mails(6), says="money")
    both_answer(services, 6, 4, differing=1)
    ann, now = person(services, "Ann"), services.now()
    with services.open("mails") as (store, project):
        [item] = [one for one in store.items.page("mails") if one.key == "id:m5"]
        store.flags.add(Flagged("f1", "mails", item.id, ann.id, "<i>torn</i>", iso(now)))
        set_opening(store, project, "paused", actor=operator(now), now=now, reason="lunch")
        store.jobs.add(
            Job(
                "j1", "mails", "prelabel", {}, "failed", 0, 0, 0.0, "the server is away", False,
                None, "Lea", iso(now), None, None, iso(now),
            )
        )  # fmt: skip
    app = page(services)
    html = shown(app)
    assert "The project is paused by operator since 2026-03-01: lunch." in html
    assert "The last prelabel job failed: the server is away" in html
    assert "1 item on which people differ waits for a decision." in html
    assert "1 flag that nobody has seen to." in html
    assert "Ann on m5: &lt;i&gt;torn&lt;/i&gt;" in html
    next(b for b in app.button if b.label == "Seen to").click()
    app.run()
    assert "flag" not in shown(app)
    with services.workspace.open() as store:
        assert store.flags.open("mails") == []


def test_checked_labels_and_known_answers(services: Services) -> None:
    task = MAIL.replace("import: {id: id}", "import: {id: id, gold: {topic: answer}}")
    task = task.replace("policy: random, budget: 1.0, audit: 0.0", "policy: random, budget: 0.0, "
                        "audit: 1.0")  # fmt: skip
    rows = [row | {"answer": "money"} for row in mails(6)]
    set_up(services, task, rows, says="money")
    ann = person(services, "Ann")
    with services.open("mails") as (store, project):
        for value in ("money", "money", "money", "parcel"):
            got = assign(store, project, actor=ann, now=services.now())
            assert got is not None
            submit(store, project, got, value, actor=ann, now=services.now())
    html = shown(page(services))
    assert "people checked 4 items drawn by chance: 75 % (30-95) are right." in html
    assert "the model 100 % (61-100) right on 6 items, people 75 % (30-95) right on 4 items" in html


def test_the_agreement_page(services: Services) -> None:
    set_up(services, TWO, mails(12), says="money")
    assert "cannot be compared with each other: no item has two answers" in shown(
        page(services, "agreement")
    )
    both_answer(services, 12, 10, differing=2)
    app = page(services, "agreement")
    html = shown(app)
    assert "Krippendorff&#x27;s alpha (nominal distance)" in html
    assert "<td>people with each other</td><td>10</td><td>22</td>" in html
    assert "<td>Ann</td><td>Bob</td><td>10</td><td>80 % (49-94)</td>" in html
    assert "Not defined for wordings of the model: every answer is &#x27;money&#x27;" in html
    assert [one.value for one in app.subheader] == [
        "Each label or aspect alone", "Pairs of people"
    ]  # fmt: skip


def test_suggestions_in_sight_are_told_of(services: Services) -> None:
    seen = MAIL + "people: {mode: suggest, other_arm: {mode: blind, share: 0.5}}\n"
    set_up(services, seen, mails(12), says="money")
    ann = person(services, "Ann")
    with services.open("mails") as (store, project):
        for _ in range(12):
            got = assign(store, project, actor=ann, now=services.now())
            assert got is not None
            said = "money" if got.shown.get("suggestion") else "parcel"
            submit(store, project, got, said, actor=ann, now=services.now())
    html = shown(page(services))
    assert "With the model&#x27;s answer in sight, people said the same in 100% of " in html
    assert "95% interval +" in html
    app = page(services, "agreement")
    assert "people who saw the model&#x27;s answer, and the model</td>" in shown(app)


def test_nobody_waits_for_the_figures_of_very_many_answers(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(services, TWO, mails(6))
    both_answer(services, 4, 4, differing=1)
    monkeypatch.setattr("annotate.workflow.projects.overview.MANY", 0)
    first = page(services)
    assert "Counting what was said of 6 items" in shown(first)
    assert not first.get("vega_lite_chart")
    shelf.wait()
    assert "Counting" not in shown(first.run())
    assert "newer ones are counted" not in shown(first)
    with services.open("mails") as (store, project):
        ann = person(services, "Ann")
        task = assign(store, project, actor=ann, now=services.now())
        assert task is not None
        submit(store, project, task, "money", actor=ann, now=services.now())
    second = page(services)
    assert "newer ones are counted once a minute" in shown(second)
    assert "Counting" not in shown(second)


def test_a_project_without_items_leads_to_bringing_some(services: Services) -> None:
    set_up(services, MAIL, [], upto="nothing")
    app = page(services)
    assert "This project has no items yet: a lead brings a file of them at Set up." in shown(app)
    assert "Nothing waits for you." not in shown(app)
    next(one for one in app.button if one.label == "Set up").click().run()
    assert not app.exception
    assert app.title[0].value == "Set up"
