"""The rows that the trainers get: every format, downloaded from the Export page in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Browser, BrowserContext, expect

from annotate.exporters import DIALECTS
from annotate.model import Value
from app.services import Services
from tests.app.chromium import chromium
from tests.app.desk.browsing import free, signed_in
from tests.app.serving import serving
from tests.app.world import MAIL, REPLIES, Clock, person, services_in, set_up
from tests.labelling import assign, submit

PEOPLE = ("Ann", "Bob")
HARD = 'naïve 🙂 👩‍👩‍👧 שלום 标签\u2028second line\t"quoted" {{ user }} <|im_end|>'
"""What every second item has in its text."""

TWO = "people: {per_item: 2}\nrouting: {"
DRAFTS = """
project: drafts
title: Better replies
fields: [prompt, reply]
import: {id: id}
questions:
  - {name: better, type: text, text: Correct the reply., draft: reply}
people: {per_item: 2}
routing: {policy: random, budget: 1.0, audit: 0.0}
"""
ENTITIES = """
project: entities
title: Who and where
fields: [text]
import: {id: id}
questions:
  - name: names
    type: spans
    text: Mark the names.
    field: text
    labels: [{name: person}, {name: place}]
people: {per_item: 2}
routing: {policy: random, budget: 1.0, audit: 0.0}
"""


@dataclass(frozen=True, slots=True)
class Work:
    """One project: its file, its items, what the model says, and what a person says of an item."""

    task: str
    rows: list[dict[str, str]]
    says: str | None
    answer: Callable[[int, dict[str, str]], Value]


def text_of(at: int) -> str:
    return f"Mail number {at} about a parcel. {HARD if at % 2 else ''}".strip()


def works() -> dict[str, Work]:
    """Projects that have rows for every material between them."""
    replies = [
        {"id": f"r{at}", "prompt": f"Where is parcel {at}?", "one": f"It is under way. {at}",
         "two": f"No idea. {HARD if at % 2 else ''}{at}"}
        for at in range(8)
    ]  # fmt: skip
    drafts = [
        {"id": f"d{at}", "prompt": f"Where is parcel {at}?", "reply": f"No idea {at}."}
        for at in range(12)
    ]
    return {
        "mails": Work(
            MAIL.replace("routing: {", TWO),
            [{"id": f"m{at}", "text": text_of(at)} for at in range(12)],
            "parcel",
            lambda at, row: "parcel" if at % 3 else "money",
        ),
        "replies": Work(
            REPLIES.replace("routing: {", TWO),
            replies,
            "A",
            lambda at, row: "a" if at % 3 else "b",
        ),
        "drafts": Work(DRAFTS, drafts, None, corrected),
        "entities": Work(
            ENTITIES,
            [{"id": f"e{at}", "text": f"Ann {at} went to Rome. 🙂"} for at in range(8)],
            None,
            lambda at, row: [{"start": 0, "end": 3, "label": "person"}],
        ),
    }


def corrected(at: int, row: dict[str, str]) -> Value:
    """A third each is corrected, accepted and rejected."""
    return (
        {"verdict": "fix", "text": f"{row['reply']} I shall look. {HARD}"},
        {"verdict": "accept", "text": row["reply"]},
        {"verdict": "reject", "text": ""},
    )[at % 3]


def prepared(folder: Path, work: Work) -> Services:
    """A workspace of one project, labelled by two people who say the same."""
    folder.mkdir(parents=True)
    services = services_in(folder, now=Clock())
    set_up(services, work.task, work.rows, upto="route", says=work.says)
    person(services, "Lea", "lead")
    for name in PEOPLE:
        who = person(services, name)
        with services.open() as (store, project):
            while (task := assign(store, project, actor=who, now=services.now())) is not None:
                key = task.item.key.removeprefix("id:")
                row = next(row for row in work.rows if row["id"] == key)
                value = work.answer(int(re.sub(r"\D", "", key)), row)
                submit(store, project, task, value, actor=who, now=services.now())
    return services


def downloads(context: BrowserContext, url: str, folder: Path) -> Iterator[str]:
    """Take every format that has rows; a zip is unpacked. Yields the names of those taken."""
    page = free(context)
    for name in DIALECTS:
        page.goto(f"{url}/export?format={name}")
        button = page.get_by_role("button", name=re.compile("^Download "))
        expect(button).to_be_visible()
        expect(page.get_by_test_id("stCode").last).to_contain_text(f"export {name}")
        if button.is_disabled():
            continue
        with page.expect_download() as arriving:
            button.click()
        suffix = Path(arriving.value.suggested_filename).suffix
        file = folder / f"{name}{suffix}"
        arriving.value.save_as(file)
        if suffix == ".zip":
            with ZipFile(file) as archive:
                archive.extractall(folder / name)
            file.unlink()
        yield name


def taken(folder: Path) -> Mapping[str, list[str]]:
    """project -> the formats that its page gave, as files in `folder`/project."""
    made = {name: prepared(folder / ".of" / name, work) for name, work in works().items()}
    found = {}
    with chromium() as browser:
        for name, services in made.items():
            (folder / name).mkdir()
            found[name] = _of(browser, services, folder / name)
    return found


def _of(browser: Browser, services: Services, folder: Path) -> list[str]:
    with (
        serving(services.config.folder) as server,
        signed_in(browser, server, "Lea", width=1280, height=900) as context,
    ):
        return list(downloads(context, server.url, folder))
