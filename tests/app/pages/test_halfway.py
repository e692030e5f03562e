"""A form of a new project that is put down half-way and taken up again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from annotate.project import load_project
from app.config import FOLDER, PERSON
from app.drafts import KEPT_S, UPLOAD_KEPT_S, forget_old
from app.services import Services
from tests.app.pages.test_pages import MAIN, click, go, shown
from tests.app.pages.test_setup import TABLE, at_setup, field, fill, upload
from tests.app.world import services_in


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")
    return services_in(tmp_path)


def value(app: AppTest, label: str) -> object:
    return field(app, label).value  # type: ignore[attr-defined]


def again(services: Services, name: str) -> AppTest:
    """The page in another browser session."""
    os.environ[PERSON] = name
    return go(AppTest.from_file(MAIN, default_timeout=20).run(), "setup")


def test_what_is_filled_in_is_there_when_one_comes_back(services: Services) -> None:
    app = upload(at_setup(services), TABLE)
    assert not app.file_uploader
    fill(app, "Title", "Chairs & lamps")
    fill(app, "Columns that people", ["Body", "Note"])
    fill(app, "lamp", "Anything that shines.")
    click(app, "Add a question")
    app.number_input(key="setup-people").set_value(3).run()
    for back in (go(go(app, "people"), "setup"), again(services, "The lead")):
        assert "shop mails.csv: what you fill in is kept" in shown(back)
        assert value(back, "Title") == "Chairs & lamps"
        assert value(back, "Columns that people") == ["Body", "Note"]
        assert value(back, "lamp") == "Anything that shines."
        assert back.number_input(key="setup-people").value == 3
        assert len([one for one in back.selectbox if one.label == "Answer"]) == 2
    click(back, "Remove the last one")
    click(back, "Check")
    click(back, "Create the project")
    project = load_project(services.config.folder / "chairs-lamps.task.yaml")
    assert (project.fields, project.people.per_item) == (("Body", "Note"), 3)
    assert list((services.config.folder / "uploads").iterdir()) == []


def test_it_is_discarded_when_somebody_says_so_and_is_nobody_elses(services: Services) -> None:
    app = upload(at_setup(services), TABLE)
    fill(app, "Guideline", "Half a thought")
    other = at_setup(services, "admin")
    assert other.file_uploader
    mine = again(services, "The lead")
    assert value(mine, "Guideline") == "Half a thought"
    click(mine, "Discard it")
    assert mine.file_uploader
    assert list((services.config.folder / "uploads").iterdir()) == []
    assert again(services, "The lead").file_uploader
    upload(mine, TABLE)
    assert value(mine, "Guideline") == ""


def test_what_may_be_a_key_is_not_kept(services: Services) -> None:
    app = upload(at_setup(services), TABLE)
    group = next(one for one in app.button_group if one.key == "setup-model")
    group.set_value("A model server (OpenAI-compatible)").run()
    fill(app, "Model", "qwen")
    fill(app, "Environment variable", "sk-proj-abcdefgh12345678")
    [kept] = (services.config.folder / "uploads").glob("*.draft.json")
    assert '"qwen"' in kept.read_text("utf-8")
    assert "sk-proj" not in kept.read_text("utf-8")


def test_old_uploads_go_unless_a_form_goes_on_with_them(services: Services) -> None:
    upload(at_setup(services), TABLE)
    folder = services.config.folder / "uploads"
    (folder / "left.csv").write_text("a\n1\n", "utf-8")
    [data] = (path for path in folder.glob("*.csv") if path.name != "left.csv")
    past = time.time() - UPLOAD_KEPT_S - 60
    for path in folder.iterdir():
        os.utime(path, (past, past))
    forget_old(services.config.folder)
    assert sorted(path.suffix for path in folder.iterdir()) == [".csv", ".json"]
    assert data.exists()
    past = time.time() - KEPT_S - 60
    for path in folder.iterdir():
        os.utime(path, (past, past))
    forget_old(services.config.folder)
    assert list(folder.iterdir()) == []
