"""The page on which a lead sets projects up, as the lead meets it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from annotate.model import Role
from annotate.project import load_project
from annotate.questions.single_label import SingleLabelSettings
from annotate.workflow.projects.opening import opening
from app.config import FOLDER, PERSON
from app.services import Services
from app.worker import work
from tests.annotate.importers.exports import ALPACA, LABEL_STUDIO
from tests.app.looking import MAIN, click, go, shown
from tests.app.world import MAIL, mails, person, services_in, set_up

TABLE = "\ufeffTicket;Body;Label;Note\r\n" + "".join(
    f"t{n};Mail {n} about a {'lamp' if n % 2 else 'chair'};{'lamp' if n % 2 else 'chair'};\r\n"
    for n in range(8)
)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")
    monkeypatch.delenv("SHOP_KEY", raising=False)
    return services_in(tmp_path)


def at_setup(services: Services, role: Role = "lead") -> AppTest:
    os.environ[PERSON] = person(services, f"The {role}", role).name
    app = AppTest.from_file(MAIN, default_timeout=20).run()
    return go(app, "setup")


def upload(app: AppTest, text: str, name: str = "shop mails.csv") -> AppTest:
    app.file_uploader[0].upload(name, text.encode())
    app.run()
    assert not app.exception
    return app


def field(app: AppTest, label: str) -> object:
    everything = [*app.text_input, *app.text_area, *app.selectbox, *app.multiselect]
    return next(one for one in everything if one.label.startswith(label))


def fill(app: AppTest, label: str, value: object) -> AppTest:
    field(app, label).set_value(value)  # type: ignore[attr-defined]
    app.run()
    assert not app.exception
    return app


def test_from_a_table_to_items_that_wait(services: Services) -> None:
    app = at_setup(services)
    assert [one.value for one in app.subheader] == ["1 · The data"]
    upload(app, TABLE + ";;;\r\n")
    assert "8 rows, 4 columns · 1 empty row left out" in shown(app)
    assert field(app, "Columns that people").value == ["Body"]  # type: ignore[attr-defined]
    assert field(app, "Labels").value == "chair\nlamp"  # type: ignore[attr-defined]
    fill(app, "Title", "Chairs & lamps")
    fill(app, "Guideline", "Take the *first* thing named.")
    fill(app, "lamp", "Anything that shines.")
    click(app, "Check")
    assert "Of 9 rows, 8 become items, 1 is left out." in shown(app)
    assert "8 items, free of charge" in shown(app)
    assert not (services.config.folder / "chairs-lamps.task.yaml").exists()
    click(app, "Create the project")
    project = load_project(services.config.folder / "chairs-lamps.task.yaml")
    assert (project.title, project.guideline) == ("Chairs & lamps", "Take the *first* thing named.")
    assert project.import_.gold == {"label": "Label"}
    question = project.questions[0]
    assert isinstance(question, SingleLabelSettings)
    assert [one.description for one in question.labels] == ["", "Anything that shines."]
    with services.open("chairs-lamps") as (store, _):
        assert store.items.count("chairs-lamps") == 8
    assert app.success[0].value == "8 items added; 1 row left out\\."
    assert "Pre-label what is missing, and route" in [one.label for one in app.button]
    assert list((services.config.folder / "uploads").iterdir()) == []


def test_a_server_is_named_and_its_key_is_not(services: Services) -> None:
    app = upload(at_setup(services), TABLE)
    group = next(one for one in app.button_group if one.key == "setup-model")
    group.set_value("A model server (OpenAI-compatible)").run()
    fill(app, "Model", "qwen")
    fill(app, "Address", "http://localhost:9/v1")
    fill(app, "Environment variable", "sk-proj-abcdefgh12345678")
    assert "looks like the key itself" in app.error[0].value
    click(app, "Check")
    assert not any("sk-proj" in one.value for one in app.error)
    assert "Create the project" not in [one.label for one in app.button]
    fill(app, "Environment variable", "SHOP_KEY")
    assert "`SHOP_KEY`" in app.warning[0].value
    click(app, "Check")
    sent = [one.value for one in app.code if "Mail 0 about a chair" in one.value]
    assert len(sent) == 5
    assert "qwen: 8 items, 40 calls" in shown(app)
    click(app, "Create the project")
    text = (services.config.folder / "shop-mails.task.yaml").read_text("utf-8")
    assert "api_key_env: SHOP_KEY " in text
    assert "sk-proj" not in text


def test_mistakes_are_told_and_nothing_is_written(services: Services) -> None:
    set_up(services, MAIL, mails(1), upto="import")
    app = at_setup(services)
    app.button_group(key="setup-part").set_value("New project").run()
    upload(app, TABLE)
    fill(app, "Labels", "only one")
    click(app, "Check")
    assert "labels" in app.error[0].value
    fill(app, "Labels", "one\ntwo")
    fill(app, "Title", "mails")
    click(app, "Check")
    assert "is there already" in app.error[0].value
    assert sorted(path.name for path in services.config.folder.glob("*.yaml")) == [
        "mails.task.yaml"
    ]


def test_a_look_holds_for_what_was_looked_at(services: Services) -> None:
    app = upload(at_setup(services), TABLE)
    click(app, "Check")
    assert "Create the project" in [one.label for one in app.button]
    fill(app, "Title", "Another")
    assert "Create the project" not in [one.label for one in app.button]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("sheet.xlsx", "x", "save the sheet as CSV"),
        ("empty.csv", "", "is empty"),
        ("twice.csv", "a,a\n1,2\n", "more than once"),
        ("bad.json", "{", "holds no row that can be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_words(
    services: Services, name: str, text: str, why: str
) -> None:
    app = upload(at_setup(services), text, name)
    assert why in app.error[0].value
    assert str(services.config.folder) not in app.error[0].value


def test_every_kind_of_question_can_be_made(services: Services) -> None:
    app = upload(at_setup(services), TABLE.replace("\ufeff", ""))
    fill(app, "Columns that people", ["Body", "Note", "Ticket"])
    for kind in ("multi_label", "rating", "preference", "ranking", "spans", "text"):
        fill(app, "Answer", kind)
        click(app, "Check")
        assert [one.value for one in app.error] == []
        assert f"type: {kind}" in app.code[-1].value
    click(app, "Create the project")
    project = load_project(services.config.folder / "shop-mails.task.yaml")
    assert [question.type for question in project.questions] == ["text"]


def test_several_questions(services: Services) -> None:
    app = upload(at_setup(services), TABLE)
    click(app, "Add a question")
    [_, second] = [one for one in app.selectbox if one.label == "Answer"]
    second.set_value("rating").run()
    click(app, "Check")
    click(app, "Create the project")
    project = load_project(services.config.folder / "shop-mails.task.yaml")
    assert [question.name for question in project.questions] == ["label", "how_good_is_it"]


def test_more_items_come_in_and_those_there_stay(services: Services) -> None:
    set_up(services, MAIL, mails(2), upto="import")
    app = at_setup(services)
    upload(app, "id,text\nm0,Mail number 0 about a parcel\nm7,New\n", "more.csv")
    click(app, "Import this file")
    assert "1 item added; 1 were there already" in app.success[0].value
    with services.open("mails") as (store, _):
        assert store.items.count("mails") == 3


def test_a_file_that_calls_its_columns_otherwise_is_mapped(services: Services) -> None:
    set_up(services, MAIL, mails(2), upto="import")
    app = at_setup(services)
    upload(app, "Key,Body\nm7,New\n", "more.csv")
    fill(app, "text is in", "Body")
    fill(app, "The id is in", "Key")
    click(app, "Import this file")
    with services.open("mails") as (store, _):
        found = store.items.find("mails", "m7")
    assert found is not None
    assert found.fields == {"text": "New"}


def test_a_large_file_is_imported_by_a_job(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.controls.bringing.AT_ONCE_BYTES", 10)
    set_up(services, MAIL, mails(2), upto="import")
    app = at_setup(services)
    upload(app, "id,text\nm7,New\nm8,\n", "more.csv")
    click(app, "Import this file")
    assert "import more.csv · queued" in shown(app)
    work(services, once=True, say=lambda line: None)
    html = shown(app.run())
    assert "1 item added; 1 row left out" in html
    assert "Download mails.left-out.jsonl" in html


def test_a_project_is_frozen_with_a_reason_and_opened_again(services: Services) -> None:
    set_up(services, MAIL, mails(1), upto="import")
    app = at_setup(services)
    next(one for one in app.button_group if one.label == "Set it to").set_value("frozen").run()
    fill(app, "Why", "The guideline changes")
    click(app, "Set to frozen")
    assert "It is frozen. No answer is taken" in shown(app)
    assert "by The lead: The guideline changes" in shown(app)
    next(one for one in app.button_group if one.label == "Set it to").set_value("open").run()
    click(app, "Set to open")
    with services.open("mails") as (store, project):
        stands = opening(store, project)
    assert stands is not None
    assert stands.state == "open"


def test_an_admin_backs_up_and_a_lead_does_not(services: Services) -> None:
    set_up(services, MAIL, mails(1), upto="import")
    assert "Backup" not in at_setup(services).button_group(key="setup-part").options
    app = at_setup(services, "admin")
    app.button_group(key="setup-part").set_value("Backup").run()
    assert "Not in it: keys and secrets" in shown(app)
    click(app, "Make a backup")
    work(services, once=True, say=lambda line: None)
    assert "Download coannotate-20" in shown(app.run())


def test_an_annotator_is_refused(services: Services) -> None:
    set_up(services, MAIL, mails(1), upto="import")
    app = at_setup(services, "annotator")
    assert "may not create projects" in app.error[0].value
    assert not app.title
    assert not app.file_uploader


def test_the_first_project_is_made_where_there_is_none(services: Services) -> None:
    app = at_setup(services, "admin")
    assert app.button_group(key="setup-part").options == ["New project"]
    assert [one.value for one in AppTest.from_file(MAIN, default_timeout=20).run().title] == [
        "Set up"
    ]


def test_from_another_tools_export_to_items_with_answers(services: Services) -> None:
    app = at_setup(services)
    upload(app, json.dumps(LABEL_STUDIO), "moods.json")
    assert field(app, "Columns that people").value == ["text"]  # type: ignore[attr-defined]
    assert "Answers of people: 4, predictions of models: 2, to sentiment, names." in shown(app)
    assert "Positive, Negative, Neutral" in shown(app)
    fill(app, "What people read for sentiment", "How does it sound?")
    click(app, "Check")
    assert "Of 3 rows, 3 become items." in shown(app)
    assert "left behind: 1 · skipped there" in shown(app)
    click(app, "Create the project")
    project = load_project(services.config.folder / "moods.task.yaml")
    assert [(one.name, one.text) for one in project.questions] == [
        ("sentiment", "How does it sound?"),
        ("names", "names"),
    ]
    assert (project.import_.format, project.import_.id) == ("label_studio", "id")
    [news] = [str(one.value).replace("\\", "") for one in app.success]
    assert news.splitlines()[1].strip() == (
        "6 answers of people: 8 (Label Studio) 4, ann@example.org (Label Studio) 2"
    )
    with services.workspace.open() as store:
        items = store.items.page("moods")
        assert store.annotations.values(items[0].id, "sentiment") == ["Positive", "Negative"]


def test_an_export_can_be_read_as_plain_rows(services: Services) -> None:
    app = at_setup(services)
    upload(app, json.dumps(ALPACA), "greetings.json")
    assert field(app, "Columns that people").value == ["instruction", "input", "output"]  # type: ignore[attr-defined]
    [read_as] = [one for one in app.segmented_control if one.label == "Read as"]
    read_as.set_value("rows")
    app.run()
    assert not app.exception
    assert field(app, "Labels") is not None
