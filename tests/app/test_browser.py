"""People at work in a real Chromium, by keyboard, against the real server."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from annotate.model import Annotation
from annotate.people import operator
from annotate.workflow.exporting import export
from annotate.workflow.labelling import assign, submit
from app.services import Services
from tests.app.serving import Server, serving
from tests.app.world import (
    CHINESE,
    MAIL,
    REPLIES,
    START,
    answers,
    mails,
    person,
    services_in,
    set_up,
)

# one group: the tests share a server, and two browsers at once would only be slower
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
HOSTILE = (
    '<script>window.hit = 1</script><img src=x onerror="window.hit = 2">'
    '<svg onload="window.hit = 3"></svg> [a link](javascript:window.hit=4) $x^2$ :smile: '
    "**bold** `code` &lt;b&gt;\n\n# heading\n  indented " + "long" * 60
)
HOSTILE_LABEL = "*a* $x$ :smile: <img src=x onerror=window.hit=5>"
NASTY = f"""
project: nasty
title: "<img src=x onerror=window.hit=6> $t$ :smile:"
fields: [text]
import: {{id: id}}
questions:
  - name: topic
    type: single_label
    text: "<b>What</b> *is* it?"
    labels:
      - {{name: "{HOSTILE_LABEL}", description: "**d** [x](javascript:window.hit=7)"}}
      - {{name: other}}
routing: {{policy: random, budget: 1.0, audit: 0.0}}
"""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Four projects; each test works in its own, or with its own people."""
    services = services_in(tmp_path_factory.mktemp("browser"))
    set_up(services, MAIL, mails(24))
    replies = [{"id": f"r{n}", "prompt": f"Say {n}", "one": "1", "two": "2"} for n in range(3)]
    set_up(services, REPLIES, replies)
    set_up(services, CHINESE, [{"编号": "z1", "内容": "忘记了密码，\n怎么办？"}])
    set_up(services, NASTY, [{"id": "h", "text": HOSTILE}])
    for name in ("Ann", "Bob", "Cyd", "Dee", "Eve"):
        person(services, name)
    person(services, "Lea", "lead")
    return services


@pytest.fixture(scope="module")
def server(services: Services) -> Iterator[Server]:
    with serving(services.config.folder) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    # after the server's workspace was set up: while Playwright runs, no other loop can
    # with none installed, Playwright's own; `make test` sees to it that there is one
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def at_work(
    browser: Browser, server: Server, name: str, project: str | None = None, path: str = ""
) -> Iterator[Page]:
    """A window of its own with this person signed in; any error in the page fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/{path}")
    page.get_by_role("button", name=re.compile(rf"^{name}\b")).click()
    expect(page.locator(".who")).to_contain_text(name, timeout=30_000)
    settled(page)
    if project is not None:
        page.locator(".st-key-projects").get_by_text(project).click()
        expect(page.locator(".heading h1, h1").first).to_contain_text(project)
        settled(page)
    yield page
    context.close()
    assert errors == []


def settled(page: Page) -> None:
    """The server has nothing more to say."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def item_text(page: Page) -> str:
    return page.locator(".item-text").first.inner_text()


def press(page: Page, key: str, then: str) -> None:
    """Press a key and wait for what it brings."""
    page.keyboard.press(key)
    page.wait_for_selector(then)
    settled(page)


def answer(page: Page, key: str, count: int) -> str:
    """Choose by key, submit by Enter; returns the text of the item that was answered."""
    text = item_text(page)
    press(page, key, ".st-key-options button[kind=primary]")
    press(page, "Enter", f".count b:first-child:text-is('{count}')")
    return text


def of(services: Services, project: str, name: str) -> list[tuple[str, Annotation]]:
    """(item text, answer) of what this person said, by time."""
    with services.open(project) as (store, opened):
        who = store.people.named(name)
        assert who is not None
        texts = {i.id: next(iter(i.fields.values())) for i in store.items.page(opened.project)}
    said = answers(services, project)
    return [(texts[a.item_id], a) for a in said if a.person_id == who.id]


def test_three_items_by_keyboard_alone(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_work(browser, server, "Ann", "Mails to the shop") as page:
        texts = [answer(page, key, at) for at, key in enumerate("132", 1)]
        rows = page.locator(".answers .answer b").all_inner_texts()
        assert rows == ["parcel", "other", "money"]
    found = of(services, "mails", "Ann")
    assert [(text, a.value) for text, a in found] == list(
        zip(texts, ["money", "other", "parcel"], strict=True)
    )
    assert all(a.seconds is not None and 0 < a.seconds < 60 for _, a in found)
    out = io.StringIO()
    with services.open("mails") as (store, project):
        export(store, project, "labels_jsonl", out, actor=operator(START), now=START)
    rows = map(json.loads, out.getvalue().splitlines())
    exported = {row["text"]: row["label"] for row in rows if row["source"] == "person"}
    assert exported.items() >= {(text, a.value) for text, a in found}


def test_undo_and_skip_by_key(browser: Browser, server: Server, services: Services) -> None:
    with at_work(browser, server, "Bob", "Mails to the shop") as page:
        first = answer(page, "1", 1)
        press(page, "u", ".said:text('Taken back')")
        assert item_text(page) == first
        assert answer(page, "2", 1) == first
        second = item_text(page)
        press(page, "s", ".said:text('Skipped')")
        assert item_text(page) != second
    found = [
        (text, a.kind, a.value, a.undone_at is None) for text, a in of(services, "mails", "Bob")
    ]
    assert found == [
        (first, "answer", "money", False),
        (first, "answer", "parcel", True),
        (second, "skip", None, True),
    ]


def test_keys_typed_faster_than_the_server_store_nothing_else(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_work(browser, server, "Dee", "Mails to the shop") as page:
        text = item_text(page)
        page.keyboard.type("231")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        expect(page.locator(".said")).not_to_be_empty()
        page.wait_for_timeout(1000)
        settled(page)
    found = [(t, a.value) for t, a in of(services, "mails", "Dee")]
    assert found in ([], [(text, "money")])


def test_one_key_and_enter_typed_at_once(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_work(browser, server, "Dee", "Mails to the shop") as page:
        text, count = item_text(page), len(of(services, "mails", "Dee"))
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        page.wait_for_selector(f".count b:first-child:text-is('{count + 1}')")
    found = of(services, "mails", "Dee")
    assert [(t, a.value) for t, a in found[count:]] == [(text, "parcel")]


def test_enter_after_a_click_submits_once(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_work(browser, server, "Cyd", "Mails to the shop") as page:
        text = item_text(page)
        page.get_by_role("button", name="other").click()
        page.wait_for_selector(".st-key-options button[kind=primary]")
        settled(page)
        press(page, "Enter", ".count b:first-child:text-is('1')")
        assert item_text(page) != text
        page.wait_for_timeout(300)
    assert [(t, a.value) for t, a in of(services, "mails", "Cyd")] == [(text, "other")]


def test_a_preference_by_keys(browser: Browser, server: Server, services: Services) -> None:
    with at_work(browser, server, "Ann", "Which reply is better") as page:
        left, right = (page.locator(".versus .card").nth(n).bounding_box() for n in (0, 1))
        assert left is not None
        assert right is not None
        assert left["y"] == right["y"]
        assert left["x"] + left["width"] < right["x"]
        for at, key in enumerate("210", 1):
            answer(page, key, at)
        expect(page.locator(".empty-title")).to_have_text("All done")
    assert [a.value for _, a in of(services, "replies", "Ann")] == ["b", "a", "tie"]


def test_two_people_never_hold_one_item(
    browser: Browser, server: Server, services: Services
) -> None:
    mails_title = "Mails to the shop"
    with (
        at_work(browser, server, "Ann", mails_title) as ann,
        at_work(browser, server, "Cyd", mails_title) as cyd,
    ):
        start = {
            page: len(_counting(services, name)) for page, name in ((ann, "Ann"), (cyd, "Cyd"))
        }
        for at in (1, 2):
            assert item_text(ann) != item_text(cyd)
            answer(ann, "1", start[ann] + at)
            assert item_text(ann) != item_text(cyd)
            answer(cyd, "3", start[cyd] + at)
    texts = [text for text, _ in (*_counting(services, "Ann"), *_counting(services, "Cyd"))]
    assert len(texts) == len(set(texts))


def _counting(services: Services, name: str) -> list[tuple[str, Annotation]]:
    return [(t, a) for t, a in of(services, "mails", name) if a.undone_at is None]


def test_hostile_text_is_text(browser: Browser, server: Server, services: Services) -> None:
    with at_work(browser, server, "Ann") as page:
        page.locator(".st-key-projects").get_by_text("$t$ :smile:").click()
        page.wait_for_selector(".item-text:has-text('window.hit')")
        settled(page)
        shown = page.locator(".item-text")
        assert shown.evaluate("e => e.textContent") == HOSTILE
        assert shown.evaluate("e => e.children.length") == 0
        box, card = shown.bounding_box(), page.locator(".card").bounding_box()
        assert box is not None
        assert card is not None
        assert box["x"] + box["width"] < card["x"] + card["width"]
        option = page.locator(".st-key-options button").first
        assert HOSTILE_LABEL in option.inner_text()
        assert "**d** [x](javascript:window.hit=7)" in option.inner_text()
        title = page.locator(".heading h1").inner_text()
        assert title == "<img src=x onerror=window.hit=6> $t$ :smile:"
        assert page.locator(".question").inner_text() == "<b>What</b> *is* it?"
        assert page.locator("main img, .katex").count() == 0
        answer(page, "1", 1)
        assert HOSTILE_LABEL in page.locator(".answers").inner_text()
        assert page.evaluate("window.hit") is None
    assert [a.value for _, a in of(services, "nasty", "Ann")] == [HOSTILE_LABEL]


def test_chinese(browser: Browser, server: Server, services: Services) -> None:
    with at_work(browser, server, "Ann", "图书馆留言") as page:
        assert item_text(page) == "忘记了密码，\n怎么办？"
        answer(page, "2", 1)
    assert [a.value for _, a in of(services, "zh", "Ann")] == ["预约"]


def test_the_lead_page_refuses_an_annotator(browser: Browser, server: Server) -> None:
    with at_work(browser, server, "Bob", path="progress") as page:
        expect(page.get_by_test_id("stAlert")).to_contain_text("may not review")
        assert page.locator(".steps, table").count() == 0
        assert page.get_by_test_id("stSidebarNavLink").count() == 0


def disagree(services: Services, name: str) -> None:
    """This person answers one item, and not as the model did."""
    with services.open("mails") as (store, project):
        who = store.people.named(name)
        assert who is not None
        task = assign(store, project, actor=who, now=services.now())
        assert task is not None
        said = {d.item_id: d.model_value for d in store.decisions.current("mails", "topic")}
        value = next(o.value for o in task.control.options if o.value != said[task.item.id])
        submit(store, project, task, value, actor=who, now=services.now())


def test_a_lead_reads_an_items_history(
    browser: Browser, server: Server, services: Services
) -> None:
    disagree(services, "Eve")
    with at_work(browser, server, "Lea", "Mails to the shop") as page:
        expect(page.locator("table.confusion")).to_be_visible()
        page.get_by_role("button", name="History").first.click()
        expect(page.get_by_role("heading", name="The model's answers")).to_be_visible()
        assert "item=" in page.url
        page.get_by_role("button", name="Switch person").click()
        expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
