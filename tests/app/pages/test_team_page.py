"""The lead's page of people, and the page on which each sees their own figures."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from annotate.model import Person
from annotate.people import operator
from annotate.workflow.decisions.adjudicating import decide
from annotate.workflow.labelling.syncing import sync
from annotate.workflow.team import counting
from annotate.workflow.team.leading import pause_person
from app.api import routes
from app.config import FOLDER, PERSON
from app.services import Services
from tests.app.looking import MAIN, click, go, shown
from tests.app.world import MAIL, Clock, mails, person, services_in, set_up
from tests.labelling import assign, submit
from tests.small import add_slots

TASK = MAIL + "people: {per_item: 2}\n"


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")
    yesterday = datetime.now(UTC) - timedelta(days=1)  # the pages look at the real clock
    services = services_in(tmp_path, now=Clock(yesterday.replace(hour=12)))
    set_up(services, TASK, mails(6), upto="import")
    with services.open("mails") as (store, project):
        item_ids = [item.id for item in store.items.page("mails")]
        add_slots(store, project, item_ids, 2, question="topic")
    person(services, "Lena", "lead")
    for name, values in (("Ann <b>", "ppm"), ("Bob", "pmm")):
        answers(services, person(services, name), values)
    return services


def answers(services: Services, who: Person, values: str) -> None:
    """p: parcel, m: money; each in three seconds."""
    with services.open("mails") as (store, project):
        for value in values:
            task = assign(store, project, actor=who, now=services.now())
            assert task is not None
            label = "parcel" if value == "p" else "money"
            submit(store, project, task, label, actor=who, now=services.now(), seconds=3.0)
            services.now.forward(seconds=1)  # type: ignore[attr-defined]


def seen_by(name: str, page: str, **query: str) -> AppTest:
    os.environ[PERSON] = name
    app = AppTest.from_file(MAIN, default_timeout=20)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    return go(app, page)


def rows(html: str) -> dict[str, list[str]]:
    """name -> cells of the team's table."""
    body = html.split("<th>in hand</th>")[1].split("<tbody>")[1].split("</tbody>")[0]
    found = [row.split("</td>")[:-1] for row in body.split("<tr>")[1:]]
    cells = [[cell.removeprefix("<td>") for cell in row] for row in found]
    return {row[0]: row[1:] for row in cells}


def test_the_lead_sees_everybody(services: Services) -> None:
    with services.open("mails") as (store, project):
        lena = store.people.named("Lena")
        assert lena is not None
        sync(store, project, {"request": "r", "want": 2}, actor=person(services, "Bob"),
             now=services.now())  # fmt: skip
    app = seen_by("Lena", "team")
    table = rows(shown(app))
    assert list(table) == ["Ann &lt;b&gt;", "Bob"]
    assert table["Ann &lt;b&gt;"][:5] == ["working", "0", "3", "3", "3.0 s"]
    assert table["Bob"][10] == "2", "in hand"
    assert "of 3" in table["Bob"][5], "agreement"
    assert "the median of the newest 500 answers" in shown(app)


def test_nobody_waits_for_very_many_answers_to_be_counted(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "FEW", 2)
    first = seen_by("Lena", "team")
    counting.shelf.wait()
    assert rows(shown(first.run()))["Bob"][3] == "3"
    answers(services, person(services, "Bob"), "p")
    html = shown(seen_by("Lena", "team"))
    assert rows(html)["Bob"][3] == "3"
    assert "counted anew once a minute" in html
    with services.open("mails") as (store, project):
        lena = store.people.named("Lena")
        assert lena is not None
        pause_person(store, project, "Bob", reason="a talk", actor=lena, now=services.now())
    assert rows(shown(seen_by("Lena", "team")))["Bob"][0] == "paused (by Lena: a talk)"


def test_one_person_is_looked_at_and_paused(services: Services) -> None:
    app = seen_by("Lena", "team")
    app.selectbox(key="person").select("Bob").run()
    assert not app.exception
    html = shown(app)
    assert "says ↓ consensus →" in html
    assert f"<td>{services.now().date()}</td><td>3</td><td>3.0 s</td>" in html
    assert "<td>money</td><td>67 %</td><td>33 %</td>" in html
    click(app, "Pause")
    assert "Give a reason" in app.error[0].value
    next(one for one in app.text_input if "paused" in one.label).set_value("first a talk")
    click(app, "Pause")
    html = shown(app)
    assert rows(html)["Bob"][0] == "paused (by Lena: first a talk)"
    assert "<td>paused, 0 items back to the queue</td><td>first a talk</td>" in html
    click(app, "Let them go on")
    assert rows(shown(app))["Bob"][0] == "working"


def test_items_are_taken_and_given_back_and_skills_saved(services: Services) -> None:
    bob = person(services, "Bob")
    with services.open("mails") as (store, project):
        sync(store, project, {"request": "r", "want": 2}, actor=bob, now=services.now())
    app = seen_by("Lena", "team")
    app.selectbox(key="person").select("Bob").run()
    click(app, "Reassign")
    assert rows(shown(app))["Bob"][10] == "0"
    assert "<td>2 items reassigned</td>" in shown(app)
    click(app, "Undo reassigning")
    assert "<td>2 items may come again</td>" in shown(app)
    with services.open("mails") as (store, project):
        back = sync(store, project, {"request": "s", "want": 2}, actor=bob, now=services.now())
        assert len(back["tasks"]) == 2
        store.skills.put(bob.id, ["zh"], by="Lena", now="2026")
    app.run()
    app.multiselect[0].set_value([])
    click(app, "Save skills")
    assert "<td>skills: none</td>" in shown(app)


def decided(services: Services) -> None:
    """Ann's second answer, parcel, is decided to be money."""
    with services.open("mails") as (store, project):
        (question,) = project.questions
        lena, ann = store.people.named("Lena"), store.people.named("Ann <b>")
        assert lena is not None
        assert ann is not None
        own = sorted(
            (a for a in store.annotations.counting("mails", "topic") if a.person_id == ann.id),
            key=lambda one: one.created_at,
        )
        decide(store, project, question, own[1].item_id, "money", comment="the *fee* is asked for",
               actor=lena, now=services.now(), new_id=services.new_id)  # fmt: skip


def test_annotators_see_their_corrections(services: Services) -> None:
    decided(services)
    app = seen_by("Ann <b>", "feedback")
    html = shown(app)
    assert app.title[0].value == "My feedback"
    assert "<b>0 %</b><span>right, of what a lead has decided</span>" in html
    assert "of 1 item; 95 % interval 0-79 %" in html
    assert "<i>You said</i> parcel" in html
    assert "<i>Decided</i> money" in html
    assert "<i>Comment</i> the *fee* is asked for" in html
    assert "Mail number" in html
    assert "Bob" not in html
    other = shown(seen_by("Bob", "feedback"))
    assert "the *fee*" in other, "a comment on an item is for all who answered it"
    assert "<i>You said</i> money" in other


def test_the_lead_sees_corrections_too(services: Services) -> None:
    decided(services)
    app = seen_by("Lena", "team")
    app.selectbox(key="person").select("Ann <b>").run()
    assert "decided: money · the *fee* is asked for" in shown(app)


def test_feedback_in_chinese(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(services)
    monkeypatch.setattr(type(st.context), "locale", property(lambda context: "zh-CN"))
    app = seen_by("Ann <b>", "feedback")
    assert app.title[0].value == "我的反馈"
    assert "<i>您的答案</i> parcel" in shown(app)
    assert "共 1 条；95 % 区间 0-79 %" in shown(app)


def test_before_there_is_anything_the_page_says_so(services: Services) -> None:
    person(services, "New")
    html = shown(seen_by("New", "feedback"))
    assert "no item of yours has been decided yet" in html
    assert "No lead has corrected an answer of yours" in html
    assert "<b>-</b>" in html


@pytest.mark.parametrize("query", [{}, {"person": "Bob"}])
def test_an_annotator_gets_no_figure_of_others(services: Services, query: dict[str, str]) -> None:
    decided(services)
    app = seen_by("Ann <b>", "team", **query)
    assert "Ann <b> is annotator and may not lead people" in app.error[0].value.replace("\\", "")
    assert "Bob" not in shown(app)
    assert not app.title
    assert not app.selectbox
    own = shown(seen_by("Ann <b>", "feedback", **query))
    assert "<i>You said</i> parcel" in own
    assert "Bob" not in own


def test_no_address_tells_an_annotator_of_others(services: Services) -> None:
    ann, bob = person(services, "Ann <b>"), person(services, "Bob")
    with services.open("mails") as (store, _):
        [last, *_] = store.operations.history("mails", bob.id, before=None, limit=1)
    told = routes(services, admit=lambda store, connection, project: (ann, "token"))
    with TestClient(Starlette(routes=told)) as client:
        history = client.get(f"/api/projects/mails/history?person={bob.id}&name=Bob").json()
        assert [one["answers"] for one in history["answers"]] == [
            {"topic": "money"}, {"topic": "parcel"}, {"topic": "parcel"},
        ]  # fmt: skip
        undo = {"op": "undo", "id": "u", "target": last.id}
        body = {"request": "r", "ops": [undo], "want": 1}
        reply = client.post("/api/projects/mails/sync", json=body).json()
        assert reply["results"][0]["code"] == "no_such_target"
        more = client.post("/api/projects/mails/sync", json=body | {"person": bob.id})
        assert more.status_code == 422
        for name in ("team", "people", "feedback", "persons"):
            assert client.get(f"/api/projects/mails/{name}?person={bob.id}").status_code == 404


def test_who_is_paused_is_told_on_every_exchange(services: Services) -> None:
    bob, now = person(services, "Bob"), services.now()
    with services.open("mails") as (store, project):
        pause_person(store, project, "Bob", reason="ill", actor=operator(now), now=now)
        reply: dict[str, Any] = sync(
            store, project, {"request": "r", "want": 1}, actor=bob, now=now
        )
    assert reply["state"] == "person_paused"
    assert "(ill)" in reply["message"]
