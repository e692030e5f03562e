"""From a spreadsheet's file to the first label, in a real Chromium."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.cli import main
from app.services import Services
from tests.app.desk.browsing import at_desk, free, signed_in
from tests.app.serving import Server
from tests.app.world import person, services_in
from tests.forking import forking

pytestmark = pytest.mark.browser

COLUMNS = ["Kundentext (DE/EN)", *(f"feld.{n}" for n in range(49))]
TABLE = "\ufeff" + "\r\n".join(
    [";".join(COLUMNS), *(f'"Päckchen; {n}"' + ";" * 49 for n in range(12)), "", ";" * 49]
)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """People, and no project yet."""
    services = services_in(tmp_path_factory.mktemp("setup"))
    person(services, "Lea", "lead")
    person(services, "Ann")
    return services


def test_a_file_becomes_a_project_and_its_items_are_labelled(
    browser: Browser, server: Server, services: Services, tmp_path: Path
) -> None:
    (tmp_path / "mails.csv").write_text(TABLE, "utf-8")
    with signed_in(browser, server, "Lea") as context:
        page = free(context)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(server.url)
        expect(page.get_by_role("heading", name="Set up")).to_be_visible()
        page.locator("input[type=file]").set_input_files(tmp_path / "mails.csv")
        page.get_by_label("Labels, one a line").fill("lost\nlate")
        page.get_by_label("Title").fill("Parcels")
        page.get_by_label("Title").press("Tab")
        expect(page.get_by_role("textbox", name="Short id").first).to_have_value("parcels")
        page.get_by_role("button", name="Check, and show").click()
        page.get_by_role("button", name="Create the project").click()
        expect(page.get_by_text("12 items added; 1 row left out")).to_be_visible()
        page.get_by_role("button", name="Pre-label what is missing").click()
        expect(page.get_by_text("queued")).to_be_visible()
        work_off(services.config.folder)
        expect(page.get_by_text("what_is_this_about: 12 items")).to_be_visible()
        assert errors == []
    with at_desk(browser, server, "Ann") as desk:
        assert "Päckchen; " in desk.item()
        desk.answer("2")
        desk.saved()
    with services.open("parcels") as (store, project):
        [answer] = store.annotations.counting("parcels", project.questions[0].name)
    assert answer.value == "late"


def work_off(folder: Path) -> None:
    """Another process does what is queued."""
    process = forking().Process(target=work_once, args=(folder,))
    process.start()
    process.join(120)
    assert process.exitcode == 0


def work_once(folder: Path) -> None:
    sys.exit(main(["work", "--once", "--dir", str(folder)]))
