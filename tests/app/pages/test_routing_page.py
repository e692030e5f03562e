"""The routing page as a lead uses it: figures, what more would buy, other settings, promises."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from annotate.model import Role
from annotate.people import operator
from annotate.project import Project
from app.config import FOLDER, PERSON
from app.controls.routing import whatif
from app.routing_records import Record, Records
from app.services import Services
from app.state import Here
from app.worker import work
from tests.app.looking import MAIN, go, shown
from tests.app.world import MAIL, Clock, mails, person, services_in, set_up
from tests.labelling import assign, submit

TASK = MAIL.replace(
    "policy: random, budget: 1.0, audit: 0.0", "signal: entropy, budget: 0.4, audit: 0.2"
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50 mails, all `money` to the model: 20 go to people, who have answered 10 of them, and of
    the others some are checked."""
    folder = tmp_path_factory.mktemp("prepared")
    made = services_in(folder, now=Clock())
    set_up(made, TASK, mails(50), says="money")
    label(made, 10)
    return folder


@pytest.fixture
def services(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The same for each test."""
    shutil.copytree(prepared, tmp_path / "work")
    monkeypatch.setenv(FOLDER, str(tmp_path / "work"))
    monkeypatch.setenv(PERSON, "")  # a test that sets it is cleaned up after
    return services_in(tmp_path / "work", now=Clock())


def opened(services: Services, role: Role = "lead") -> AppTest:
    os.environ[PERSON] = person(services, f"The {role}", role).name
    app = AppTest.from_file(MAIN, default_timeout=60).run()
    return go(app, "routing")


def click(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception
    return app


def number(app: AppTest, label: str, value: float) -> AppTest:
    next(n for n in app.number_input if n.label == label).set_value(value).run()
    assert not app.exception
    return app


def label(services: Services, count: int, says: str = "money", seconds: float = 18.0) -> None:
    ann = person(services, "Ann")
    with services.open("mails") as (store, project):
        for _ in range(count):
            task = assign(store, project, actor=ann, now=services.now())
            assert task is not None
            submit(store, project, task, says, actor=ann, now=services.now(), seconds=seconds)


def stored(services: Services) -> tuple[Project, dict[str, int]]:
    with services.open("mails") as (store, project):
        return project, store.progress.destinations("mails", "topic")


def test_figures_charts_and_what_more_buys(services: Services) -> None:
    app = opened(services)
    html = shown(app)
    assert "<b>50</b><span>items routed</span>" in html
    assert "<b>10</b><span>answered by people</span><small>20%</small>" in html
    assert "run 1, 2026-03-01 09:00, policy budget" in html
    assert len(app.get("vega_lite_chart")) == 2
    assert "gave without seeing the model&#x27;s; there are 10." in html
    assert [b.proto.label for b in app.get("download_button")] == ["CSV"] * 3
    assert "Never changed since the project was first used." in html
    assert "What dollars buy is told once an hour of a person has a price" in html
    number(app, "Labels", 20)
    assert "The next 20 labels" in shown(app)
    assert "<td>6</td>" in shown(app)  # minutes, at 18 seconds each


def test_from_thirty_answers_on_the_risks_are_held_against_people(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotate.workflow.routes.outlook.FEWEST", 10)
    app = opened(services)
    assert "On 10 items the risks said" in shown(app)
    assert len(app.get("vega_lite_chart")) == 3


def test_look_ahead_then_change_and_route(services: Services) -> None:
    app = opened(services)
    before = stored(services)[1]
    assert not any(b.label == "Change and route" for b in app.button)
    number(app, "Share for people, %", 70.0)
    click(app, "Preview")
    html = shown(app)
    assert "routing.budget: 0.4 → 0.7" in html
    assert "<td>to people</td><td>20</td><td>34</td>" in html
    assert stored(services)[1] == before
    next(t for t in app.text_input if t.label == "Why").set_value("Too many <b>errors</b>").run()
    click(app, "Change and route")
    project, after = stored(services)
    assert (project.routing.budget, after["annotate"]) == (0.7, 34)
    html = shown(app)
    assert "The lead" in html
    assert "<td>budget: 0.4 → 0.7</td><td>Too many &lt;b&gt;errors&lt;/b&gt;</td>" in html
    assert "topic: run 2, " in html
    assert "These are the settings in force" in html


def test_a_change_needs_a_reason(services: Services) -> None:
    app = number(opened(services), "Share for people, %", 70.0)
    click(click(app, "Preview"), "Change and route")
    assert ["needs a reason" in error.value for error in app.error] == [True]
    assert stored(services)[0].routing.budget == 0.4


def test_settings_that_do_not_fit_are_refused_with_the_way_out(services: Services) -> None:
    app = opened(services)
    app.selectbox[0].set_value("cost").run()
    click(app, "Preview")
    (error,) = app.error
    assert "reckons with chances of an error" in error.value.replace("\\", "")
    assert stored(services)[0].routing.policy == "budget"


def test_many_items_are_routed_beside_the_page(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whatif, "AT_ONCE", 49)
    app = number(opened(services), "Share for people, %", 70.0)
    click(app, "Preview")
    next(t for t in app.text_input if t.label == "Why").set_value("More").run()
    click(app, "Change and route")
    assert "a routing by these settings is queued" in shown(app)
    assert stored(services)[1]["annotate"] == 20
    said: list[str] = []
    work(services, once=True, say=said.append)
    assert stored(services)[1]["annotate"] == 34
    assert said[0].startswith("mails: route done. topic: ")


def test_a_promise_is_planned_made_and_taken_back(services: Services) -> None:
    app = opened(services)
    assert "No promise is made" in shown(app)
    app.number_input(key="promise-topic-error").set_value(20.0)
    app.number_input(key="promise-topic-audit").set_value(25)
    click(app, "What would it cost?")
    assert "40 labels would be frozen and 25 of them drawn" in shown(app)
    click(app, "Freeze the labels and draw the audit")
    assert "25 further audited items are needed" in shown(app)
    click(app, "Withdraw the promise")
    assert ["withdrawn for a reason" in error.value for error in app.error] == [True]
    next(t for t in app.text_input if t.label == "Why").set_value("A typo").run()
    click(app, "Withdraw the promise")
    assert "WITHDRAWN" in shown(app)


def test_an_annotator_is_refused(services: Services) -> None:
    app = opened(services, "annotator")
    assert ["may not review" in error.value for error in app.error] == [True]
    assert not app.get("vega_lite_chart")


def test_a_large_record_is_read_beside_the_page(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.routing_records.AT_ONCE", 0)
    monkeypatch.setattr("app.routing_records.AT_ONCE_S", 0.0)
    records = Records()

    def look() -> Record | None:
        with services.open("mails") as (store, project):
            here = Here(store, project, operator(services.now()))
            return records.get(services, here, project.questions[0])

    assert look() is None
    records.wait()
    first = look()
    assert first is not None
    assert (first.fresh, int(first.ground.answered.sum())) == (True, 10)
    label(services, 1)
    assert look() is first  # what there was, until the newer one is read
    assert not first.fresh
    records.wait()
    second = look()
    assert second is not None
    assert (second.fresh, int(second.ground.answered.sum())) == (True, 11)


def test_before_any_routing_the_page_says_what_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")
    services = services_in(tmp_path, now=Clock())
    set_up(services, MAIL, mails(1), upto="import")
    app = opened(services)
    assert ["coannotate route" in error.value.replace("\\", "") for error in app.error] == [True]


def test_a_change_on_disk_is_listed_too(services: Services) -> None:
    path = services.config.folder / "mails.task.yaml"
    path.write_text(path.read_text("utf-8").replace("budget: 0.4", "budget: 0.6"), "utf-8")
    assert "<td>on disk</td><td>budget: 0.4 → 0.6</td>" in shown(opened(services))
