"""The way to training data in a real Chromium: chosen, seen and taken, as the command writes it."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import suppress
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.cli import main
from app.services import Services
from tests.app.desk.browsing import free, signed_in
from tests.app.serving import Server
from tests.app.world import MAIL, Clock, mails, person, services_in, set_up
from tests.labelling import assign, submit

pytestmark = pytest.mark.browser

TASK = MAIL.replace("routing: {", "people: {per_item: 2}\nrouting: {")
SAYS = {"Ann": ("money", "parcel"), "Bob": ("money", "other")}
"""What each says of the items with an even number, and with an odd one."""

TALL = 2400
"""Nothing has to be scrolled to: a list that has just been opened closes when the page scrolls."""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """The model says `parcel` of every mail; Ann and Bob agree on every second one."""
    services = services_in(tmp_path_factory.mktemp("export"), now=Clock())
    set_up(services, TASK, mails(12), says="parcel")
    people = {name: person(services, name) for name in SAYS}
    person(services, "Lea", "lead")
    with services.open("mails") as (store, project):
        for name, who in people.items():
            while (task := assign(store, project, actor=who, now=services.now())) is not None:
                odd = int(task.item.key.removeprefix("id:m")) % 2
                submit(store, project, task, SAYS[name][odd], actor=who, now=services.now())
    return services


def figure(page: Page, name: str) -> Locator:
    """A number of the strip, by what stands below it."""
    return page.locator(".steps > div").filter(has_text=re.compile(f"\\d{name}")).locator("b")


def choose(page: Page, label: str, option: str) -> None:
    """Until the box shows it: a list that moves while the page is drawn closes below a click."""
    box = page.get_by_role("combobox", name=re.compile(label))
    for _ in range(3):
        box.click()
        page.get_by_role("option", name=option, exact=True).click()
        with suppress(AssertionError):
            expect(box).to_have_value(option, timeout=5000)
            return
    expect(box).to_have_value(option)


def taken(page: Page, name: str, folder: Path) -> bytes:
    """What the button with the name of the file downloads."""
    with page.expect_download() as arriving:
        page.get_by_role("button", name=f"Download {name}").click()
    assert arriving.value.suggested_filename == name
    arriving.value.save_as(folder / name)
    return (folder / name).read_bytes()


def written(page: Page, services: Services, folder: Path) -> Path:
    """What the command that stands on the page writes."""
    words = shlex.split(page.get_by_test_id("stCode").last.inner_text())
    assert words[:2] == ["coannotate", "export"]
    at = words.index("-o") + 1
    out = folder / words[at]
    told = [*words[1:at], str(out), *words[at + 1 :], "--dir", str(services.config.folder)]
    assert main(told) == 0
    return out


def test_training_data_are_chosen_seen_and_taken_as_the_command_writes_them(
    browser: Browser, server: Server, services: Services, tmp_path: Path
) -> None:
    terminal = tmp_path / "terminal"
    terminal.mkdir()
    errors: list[str] = []
    with signed_in(browser, server, "Lea", height=TALL) as context:
        page = free(context)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server.url}/export")
        expect(figure(page, "rows")).to_have_text("6")

        choose(page, "Format", "sft_messages")
        expect(page.get_by_test_id("stCode").last).to_contain_text("export sft_messages")
        expect(page.get_by_text("People are tied")).to_be_visible()
        expect(page.get_by_text("Let a lead decide")).to_be_visible()
        page.get_by_text("The guideline first").click()
        code = page.get_by_test_id("stCode")
        expect(code.first).to_contain_text('"role":"system"')
        expect(code.last).to_contain_text("--guideline")
        got = taken(page, "mails.sft_messages.jsonl", tmp_path)
        rows = [json.loads(line) for line in got.splitlines()]
        assert [len(row["messages"]) for row in rows] == [3] * 6
        assert got.decode().startswith(code.first.inner_text().splitlines()[0])
        assert got == written(page, services, terminal).read_bytes()

        choose(page, "Split, in percent", "train 80, test 20")
        expect(figure(page, "train")).to_be_visible()
        expect(code.last).to_contain_text("--splits")
        got = taken(page, "mails.sft_messages.zip", tmp_path)
        assert got == written(page, services, terminal).read_bytes()
        with ZipFile(tmp_path / "mails.sft_messages.zip") as archive:
            lines = [archive.read(name).count(b"\n") for name in archive.namelist()]
        assert sum(lines) == 6
        expect(page).to_have_url(re.compile("format=sft_messages.*split="))
        assert errors == []
