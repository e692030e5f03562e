"""Hours at the desk by keyboard alone: undo, skip, flag, note, history, help, guideline."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from app.services import Services
from tests.app.desk.browsing import Desk, at_desk, turned_to
from tests.app.desk.projects import ONE_LABEL, counting, mails, open_work, said
from tests.app.serving import Server
from tests.app.world import person, services_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A project for each test, so that none sees what another left."""
    services = services_in(tmp_path_factory.mktemp("session"))
    for name in ("undo", "skip", "nothing", "history", "help", "quick"):
        task = ONE_LABEL.replace("topics", name).replace("Topics", name.title())
        open_work(services, task, mails(12))
    person(services, "Ann")
    return services


@pytest.fixture(scope="module")
def ann(browser: Browser, server: Server) -> Iterator[Desk]:
    """One window that goes from project to project."""
    with at_desk(browser, server, "Ann") as desk:
        yield desk


def says(way: Route) -> bool:
    """Whether the request holds an operation: others only ask for items."""
    return bool(json.loads(way.request.post_data or "{}").get("ops"))


def undone(desk: Desk) -> None:
    desk.sees("Taken back")


def test_undo_before_and_after_it_was_sent(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Undo") as desk:
        first = desk.answer("1")
        desk.saved()
        desk.press("u")
        undone(desk)
        assert desk.key() == first
        expect(desk.page.locator(".desk .option[aria-checked=true]")).to_contain_text("money")
        assert desk.answer("2") == first
        desk.saved()
        held: list[Route] = []
        free: list[bool] = []
        desk.page.route(
            "**/sync",
            lambda way: way.continue_() if free or not says(way) else held.append(way),
        )
        keys = [desk.answer("3")]
        while not held:  # the first is under way, and the second waits for it
            desk.page.wait_for_timeout(10)
        keys.append(desk.answer("3"))
        desk.press("Control+z")
        undone(desk)
        assert desk.key() == keys[1]
        free.append(True)
        held[0].continue_()
        assert desk.answer("1") == keys[1]
        desk.saved()
        desk.page.unroute("**/sync")
    assert counting(services, "undo", "Ann") == [
        (first, "parcel"),
        (keys[0], "other"),
        (keys[1], "money"),
    ]
    retracted = [(key, a.value) for key, a in said(services, "undo", "Ann") if a.undone_at]
    assert retracted == [(first, "money")]  # what never left the browser is nowhere else


def test_skip_with_and_without_a_reason_flag_and_note(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Skip") as desk:
        first, dialog = desk.key(), desk.page.get_by_role("dialog")
        desk.press("Space", "4")
        desk.sees("Skipped")
        second = desk.key()
        desk.press("Space")
        expect(dialog).to_be_visible()
        desk.press("Space")
        expect(desk.page.locator(".desk .meta .key")).not_to_have_text(second)
        desk.press("f")
        expect(dialog).to_be_visible()
        desk.page.keyboard.type("1 see the guideline")
        desk.press("Control+Enter")
        desk.sees("Flagged for the lead")
        desk.press("n")
        desk.page.keyboard.type("2 cases, u and f")
        half = "note => { note.value += '\\ud83d'; note.dispatchEvent(new Event('input')); }"
        desk.page.locator(".desk .note").evaluate(half)  # no JSON reader takes half a sign
        desk.press("Escape")
        third = desk.answer("3")
        desk.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
        expect(desk.page.locator(".desk .meta .key")).to_have_text(first)
        expect(desk.page.locator(".desk .note")).to_have_value("")  # why it was skipped is no note
        desk.press("1", "Enter")
        desk.sees("Changed: money")
        desk.saved()
    found = [(key, a.kind, a.value, a.note) for key, a in said(services, "skip", "Ann")]
    assert found[-1] == (first, "answer", "money", None)
    assert found[:-1] == [
        (first, "skip", None, "The item is broken or empty"),
        (second, "skip", None, None),
        (third, "answer", "other", "2 cases, u and f\ufffd"),
    ]


def test_keys_that_mean_nothing_store_nothing(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Nothing") as desk:
        key, page = desk.key(), desk.page
        desk.press("Enter")
        desk.sees("Choose an answer first")
        desk.press("9", "Backspace", "Delete", "x", "Alt+1", "Control+1", "Shift+Tab")
        assert page.locator(".desk [aria-checked=true]").count() == 0
        save = """new KeyboardEvent("keydown", {
            key: "s", code: "KeyS", ctrlKey: true, bubbles: true, cancelable: true,
        })"""
        assert page.evaluate(f"document.body.dispatchEvent({save})") is False  # no file dialog
        page.keyboard.down("2")
        for _ in range(3):
            page.keyboard.down("2")  # held: repeats
        page.keyboard.up("2")
        page.keyboard.down("Enter")
        for _ in range(5):
            page.keyboard.down("Enter")
        page.keyboard.up("Enter")
        expect(page.locator(".desk .meta .key")).not_to_have_text(key)
        desk.saved()
    assert counting(services, "nothing", "Ann") == [(key, "parcel")]


def test_history_is_walked_and_revised(ann: Desk, services: Services) -> None:
    with turned_to(ann, "History") as desk:
        keys = [desk.answer(label) for label in "123"]
        now, checked = desk.key(), desk.page.locator(".desk .option[aria-checked=true]")
        desk.press("ArrowLeft", "ArrowLeft")
        desk.sees("Change it and press Enter")
        assert desk.key() == keys[1]
        expect(checked).to_contain_text("parcel")
        desk.press("1", "Enter")
        desk.sees("Changed: money")
        assert desk.key() == now
        desk.press("ArrowLeft", "ArrowRight")
        expect(desk.page.locator(".desk .meta .key")).to_have_text(now)
        desk.saved()
        desk.page.reload()
        desk.ready()
        expect(desk.page.locator(".desk .entry")).to_have_count(3)
        desk.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
        expect(desk.page.locator(".desk .meta .key")).to_have_text(keys[0])
        desk.press("o", "Enter")
        desk.sees("Changed: other")
        desk.saved()
        desk.press("ArrowLeft", "u")
        undone(desk)
        desk.saved()
    found = dict(counting(services, "history", "Ann"))
    assert len(found) == 2
    assert found[keys[0]] == "other" or found[keys[1]] == "money"


def test_help_and_guideline(ann: Desk) -> None:
    with turned_to(ann, "Help") as desk:
        page, guide = desk.page, desk.page.locator(".desk .guide")
        dialog = page.get_by_role("dialog")
        desk.press("?")
        expect(dialog).to_contain_text("Submit as soon as a label is chosen")
        for title in ("money", "parcel", "other"):
            expect(dialog).to_contain_text(title)
        desk.press("1", "u", "Escape")
        expect(dialog).to_be_hidden()
        assert page.locator(".desk [aria-checked=true]").count() == 0
        expect(guide).to_contain_text("A refund of $5 or $10 is money.")
        desk.press("g")
        expect(guide).to_be_hidden()
        desk.press("g")
        guide.get_by_role("textbox").fill("request")
        desk.sees("1 place")
        desk.press("Escape", "2")
        expect(page.locator(".desk [aria-checked=true]")).to_contain_text("parcel")


def test_submitting_as_soon_as_a_label_is_chosen(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Quick") as desk:
        desk.press("?")
        desk.page.get_by_label("Submit as soon as a label is chosen").check()
        desk.press("Escape")
        keys = []
        for label in "132":
            keys.append(desk.key())
            desk.press(label)
            expect(desk.page.locator(".desk .meta .key")).not_to_have_text(keys[-1])
        desk.page.get_by_role("radio", name="other").click()
        expect(desk.page.locator(".desk .entry")).to_have_count(4)
        desk.saved()
        desk.press("?")
        desk.page.get_by_label("Submit as soon as a label is chosen").uncheck()
        desk.press("Escape")
        key = desk.key()
        desk.press("1")
        expect(desk.page.locator(".desk .option[aria-checked=true]")).to_contain_text("money")
        assert desk.key() == key
    values = [value for _, value in counting(services, "quick", "Ann")]
    assert values == ["money", "other", "parcel", "other"]
