"""The whole application as each role meets it: frame, sign-in, and the pages behind it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from annotate.model import Role
from annotate.people import RIGHTS
from app.config import FOLDER, PERSON
from app.doors.coming_in import NO_ACCOUNTS
from app.main import PAGES as PAGES_OF_THE_APP
from app.services import Services
from tests.app.looking import MAIN, click, go, shown
from tests.app.world import MAIL, REPLIES, mails, person, services_in, set_up
from tests.labelling import assign, submit

PAGES = sorted({path.stem for path in Path(MAIN).with_name("pages").glob("*.py")} - {"signed_out"})


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")  # a test that sets it is cleaned up after
    return services_in(tmp_path)


def opened(services: Services, role: Role | None = None) -> AppTest:
    """The application on a machine set up for somebody of this role."""
    app = AppTest.from_file(MAIN, default_timeout=20)
    if role is not None:
        os.environ[PERSON] = person(services, f"The {role}", role).name
    return app.run()


def test_nobody_gets_a_page_without_signing_in(services: Services) -> None:
    set_up(services, MAIL, mails(2))
    app = opened(services)
    assert [title.value for title in app.title] == ["You are signed out"]
    assert "Mail number" not in shown(app)
    assert not app.sidebar.button


def test_the_frame_tells_who_is_here(services: Services) -> None:
    set_up(services, MAIL, mails(2))
    app = opened(services, "annotator")
    assert "The annotator · annotator" in shown(app)
    assert NO_ACCOUNTS in shown(app)


def test_a_machine_set_up_for_one_person_asks_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(services, MAIL, mails(2))
    monkeypatch.setenv(PERSON, "Demo")
    assert "Demo · admin" in shown(opened(services))
    again = opened(services)
    assert "Demo · admin" in shown(again)
    with services.workspace.open() as store:
        assert [p.name for p in store.people.all()] == ["Demo"]


@pytest.mark.parametrize("role", ["annotator", "lead", "admin"])
def test_every_page_opens_or_says_no(services: Services, role: Role) -> None:
    set_up(services, MAIL, mails(2))
    app = opened(services, role)
    refused = {name for name in PAGES if "may not" in errors_on(app, name)}
    assert refused == {name for name in PAGES if PAGES_OF_THE_APP[name][1] not in RIGHTS[role]}


def errors_on(app: AppTest, name: str) -> str:
    """Of a page that was opened without an exception."""
    return "\n".join(error.value for error in go(app, name).error)


def test_an_annotator_sees_nothing_of_the_lead_page(services: Services) -> None:
    set_up(services, MAIL, mails(2))
    app = go(opened(services, "annotator"), "progress")
    assert not app.title
    assert not app.selectbox
    assert "<table" not in shown(app)


def labelled(services: Services, *said: str) -> None:
    """Ann answers the first items with these, in 3 seconds each."""
    ann = person(services, "Ann <b>")
    with services.open("mails") as (store, project):
        for value in said:
            task = assign(store, project, actor=ann, now=services.now())
            assert task is not None
            submit(store, project, task, value, actor=ann, now=services.now(), seconds=3.0)


def test_the_overview_tells_where_the_work_stands(services: Services) -> None:
    set_up(services, MAIL, mails(8), says="money")
    labelled(services, "money", "parcel", "parcel", "other")
    app = opened(services, "lead")
    html = shown(app)
    assert "<b>8</b><span>for people</span>" in html
    assert "<b>4</b><span>answered</span>" in html
    assert "<b>4</b><span>answers waiting</span>" in html
    assert "<b>parcel</b> <i>say people; the model:</i> <b>money</b> <i>on 2 items, 67% of" in html
    assert "4 answers of people to go, at 3 s each (median): 0 minutes." in html
    assert "`routing: hour_usd:`" in html
    assert "people cannot be compared with each other: no item has two answers" in html
    assert "<td>Ann &lt;b&gt;</td><td>4</td>" in html
    assert "Nothing waits for you." in html


def test_the_history_of_what_a_lead_opens(services: Services) -> None:
    set_up(services, MAIL, mails(1), says="money")
    labelled(services, "parcel")
    app = go(opened(services, "lead"), "item")
    app.text_input[0].set_value("m0").run()
    html = shown(app)
    assert html.count("<strong>to people; the model says money</strong>") == 1
    assert "<small>blind · in 3.0 s</small>" in html
    assert "<b>Ann &lt;b&gt;</b>" in html


def test_the_history_of_an_item_by_its_own_id(services: Services) -> None:
    rows = [{"id": "m1", "text": "My *parcel* <i>", "answer": "parcel"}]
    task = MAIL.replace("import: {id: id}", "import: {id: id, gold: {topic: answer}}")
    set_up(services, task, rows)
    app = go(opened(services, "lead"), "item")
    app.text_input[0].set_value("m1").run()
    html = shown(app)
    assert "My *parcel* &lt;i&gt;</div>" in html
    assert "Known answer to topic: parcel" in html
    assert "the model alone" in html
    assert "<span>answer</span>" not in html
    app.text_input[0].set_value("m2").run()
    assert "has no item" in app.error[0].value


def test_a_lead_sees_which_variants_should_not_vote(services: Services) -> None:
    set_up(services, MAIL, mails(24))
    ann = person(services, "Ann")
    with services.open("mails") as (store, project):
        while (task := assign(store, project, actor=ann, now=services.now())) is not None:
            value = "money" if int(task.item.key.removeprefix("id:m")) % 2 else "parcel"
            submit(store, project, task, value, actor=ann, now=services.now())
    app = opened(services, "lead")
    assert "Variants that should not vote" in [one.value for one in app.subheader]
    html = shown(app)
    assert "<td>always gives one answer</td>" in html
    assert "under `llm:` in the project file" in html


def test_an_admin_adds_people(services: Services) -> None:
    set_up(services, MAIL, mails(1))
    app = go(opened(services, "admin"), "people")
    app.text_input[0].set_value("Lea")
    app.button_group[0].set_value("lead")
    click(app, "Add")
    assert "<td>Lea</td><td>lead</td>" in shown(app)
    app.text_input[0].set_value("Lea")
    click(app, "Add")
    assert "Lea is already here as lead" in app.error[0].value


def test_the_project_is_chosen_in_the_sidebar(services: Services) -> None:
    set_up(services, MAIL, mails(1))
    set_up(services, REPLIES, [{"id": "r", "prompt": "Say hi", "one": "Hi.", "two": "Hello!"}])
    app = opened(services, "lead")
    assert app.title[0].value == "Mails to the shop"
    click(app, "Which reply is better")
    assert app.title[0].value == "Which reply is better"


def test_a_broken_project_leaves_the_others_usable(services: Services) -> None:
    set_up(services, MAIL, mails(1))
    (services.config.folder / "broken.task.yaml").write_text("project: x\ntitel: y\n", "utf-8")
    app = opened(services, "lead")
    assert app.title[0].value == "Mails to the shop"
    assert "Did you mean `title`" in app.sidebar.error[0].value


def test_without_any_project_the_page_says_what_to_do(services: Services) -> None:
    app = opened(services, "annotator")
    assert "`coannotate init`" in app.error[0].value
