"""The promise on the lead's page: none, under way, kept, off; and it settles by being looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from annotate.people import operator
from annotate.promise.plan import Terms
from annotate.workflow.promises.promising import start, withdraw
from app.config import FOLDER, PERSON
from app.services import Services
from tests.app.looking import MAIN
from tests.app.world import MAIL, Clock, mails, person, services_in, set_up
from tests.labelling import assign, submit

TASK = MAIL.replace("policy: random, budget: 1.0", "policy: budget, budget: 0.0")


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")  # a test that sets it is cleaned up after
    made = services_in(tmp_path, now=Clock())
    set_up(made, TASK, mails(100), says="money")
    return made


def panel(services: Services) -> str:
    """What the lead's page shows of the promise."""
    app = AppTest.from_file(MAIN, default_timeout=60)
    os.environ[PERSON] = person(services, "Lea", "lead").name
    app.run()
    assert not app.exception
    shown = [str(element.proto.body) for element in app.get("html")]
    assert [h.value for h in app.subheader if h.value == "Promise"] == ["Promise"]
    found = [html for html in shown if 'class="promise' in html or "No promise is made" in html]
    assert len(found) == 1
    return found[0]


def promise(services: Services) -> None:
    now = services.now()
    with services.open("mails") as (store, project):
        question = project.questions[0]
        start(
            store,
            project,
            question,
            Terms(0.1, 0.1, 20),
            actor=operator(now),
            now=now,
            new_id=services.new_id,
        )


def label(services: Services, count: int) -> int:
    ann = person(services, "Ann")
    done = 0
    with services.open("mails") as (store, project):
        while done < count:
            task = assign(store, project, actor=ann, now=services.now())
            if task is None:
                break
            submit(store, project, task, "money", actor=ann, now=services.now())
            done += 1
    return done


def test_without_a_promise_the_page_says_how_to_make_one(services: Services) -> None:
    said = panel(services)
    assert "No promise is made about how many of these labels are wrong." in said
    assert "<code>coannotate promise start --error 0.05</code>" in said


def test_from_the_audit_to_the_promise(services: Services) -> None:
    promise(services)
    said = panel(services)
    assert '<div class="promise auditing">' in said
    assert "0 of 20 audited; nothing can be said of the model&#x27;s labels yet" in said
    assert 'style="width:0.0%"' in said
    label(services, 5)
    assert 'style="width:25.0%"' in panel(services)
    assert label(services, 100) == 15
    said = panel(services)
    assert '<div class="promise kept">' in said
    assert "KEPT: at most 10.0 % of 100 delivered labels are wrong (90 % confidence)" in said
    assert "0 of 20 audited labels were wrong; 0 may be passed" in said
    assert "bar" not in said


def test_the_look_that_settles_it_counts_what_it_did(services: Services) -> None:
    promise(services)
    drawn = 20
    ann = person(services, "Ann")
    with services.open("mails") as (store, project):
        while (task := assign(store, project, actor=ann, now=services.now())) is not None:
            submit(store, project, task, "parcel", actor=ann, now=services.now())
    app = AppTest.from_file(MAIN, default_timeout=60)
    os.environ[PERSON] = person(services, "Lea", "lead").name
    app.run()
    shown = "".join(str(element.proto.body) for element in app.get("html"))
    with services.open("mails") as (store, _):
        where = store.progress.destinations("mails", "topic")
    assert where["audit"] == drawn
    assert where["annotate"] > 0
    assert f"<b>{where['annotate'] + drawn}</b><span>for people</span>" in shown


def test_a_promise_that_is_off_says_why(services: Services) -> None:
    promise(services)
    with services.open("mails") as (store, project):
        now = services.now()
        withdraw(
            store, project, project.questions[0], "A <b>typo</b>.", actor=operator(now), now=now
        )
    said = panel(services)
    assert '<div class="promise withdrawn">' in said
    assert "are wrong: A &lt;b&gt;typo&lt;/b&gt;." in said


def test_a_changed_guideline_is_noticed_by_looking(services: Services) -> None:
    promise(services)
    path = services.config.folder / "mails.task.yaml"
    path.write_text(path.read_text("utf-8").replace("Choose **one**.", "Choose two."), "utf-8")
    assert "WITHDRAWN" in panel(services)
    with services.workspace.open() as store:
        assert store.promises.standing("mails", "topic") is None
