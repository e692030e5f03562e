"""What goes wrong in a day: no connection, a killed server, reloads, two windows, two people."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from annotate.people import operator
from annotate.workflow.projects.opening import set_opening
from app.services import Services
from tests.app.desk.browsing import at_desk, opened, signed_in
from tests.app.desk.projects import ONE_LABEL, counting, mails, open_work, said
from tests.app.doors.guest import Guest
from tests.app.serving import Server, serving
from tests.app.world import person, services_in

pytestmark = pytest.mark.browser

PEOPLE = ("Ann", "Bob", "Cyd", "Dee", "Eve", "Fay", "Gus", "Hal")
WAITING = ONE_LABEL.replace("topics", "waiting").replace("Topics", "Waiting")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    services = services_in(tmp_path_factory.mktemp("trouble"))
    open_work(services, ONE_LABEL, mails(150))
    open_work(services, WAITING, mails(3))
    for name in PEOPLE:
        person(services, name)
    return services


def in_hand(services: Services, name: str) -> list[str]:
    """The own ids of the items that this person has in hand."""
    with services.open("topics") as (store, _):
        who = store.people.named(name)
        assert who is not None
        ids = [slot.item_id for slot in store.leases.held("topics", who.id)]
        return [item.key.removeprefix("id:") for item in store.items.several(ids).values()]


def values(services: Services, name: str) -> list[tuple[str, str]]:
    return counting(services, "topics", name)


def test_answers_given_without_a_connection_arrive_in_order(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_desk(browser, server, "Ann") as desk:
        keys = [desk.answer("1")]
        desk.saved()
        desk.page.context.set_offline(True)
        keys += [desk.answer(label) for label in "2312"]
        desk.sees("Offline · 4 kept here")
        assert len(values(services, "Ann")) == 1
        desk.page.context.set_offline(False)
        desk.saved()
        labels = [op["answers"]["topic"] for op in desk.sent[-4:]]
        assert labels == ["parcel", "other", "money", "parcel"]
    expected = ["money", "parcel", "other", "money", "parcel"]
    assert sorted(values(services, "Ann")) == sorted(zip(keys, expected, strict=True))


COVERED = """
window.covered = new Promise((told) => new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
        for (const node of addedNodes) {
            const title = node.querySelector?.("h2")?.textContent;
            if (title) told(title);
        }
}).observe(document.body, { childList: true }));
0
"""
"""Told to a window: to remember what is laid over it first."""


def test_a_killed_server_comes_back_and_gets_everything_once(
    browser: Browser, tmp_path: Path
) -> None:
    own = services_in(tmp_path)
    open_work(own, ONE_LABEL, mails(30))
    person(own, "Ann")
    with serving(tmp_path) as first:
        port = urlsplit(first.url).port or 0
        with at_desk(browser, first, "Ann") as desk:
            keys = [desk.answer("1")]
            desk.saved()
            desk.page.evaluate(COVERED)
            first.process.kill()
            first.process.join()
            keys += [desk.answer("2"), desk.answer("3")]
            desk.sees("Offline · 2 kept here")
            # after some ten seconds Streamlit says so too, over the whole page
            assert desk.page.evaluate("window.covered") == "Connection error"
            keys.append(desk.answer("1"))
            with serving(tmp_path, port=port):
                desk.saved()
                keys.append(desk.answer("2"))
                desk.saved()
    expected = ["money", "parcel", "other", "money", "parcel"]
    assert sorted(values(own, "Ann")) == sorted(zip(keys, expected, strict=True))


def test_a_closed_window_loses_no_answer_and_no_draft(
    browser: Browser, server: Server, services: Services
) -> None:
    with signed_in(browser, server, "Bob") as context:
        desk = opened(context, server)
        desk.ready()
        context.set_offline(True)
        first = desk.answer("3")
        desk.press("2", "n")
        desk.page.keyboard.type("half a thought")
        second = desk.key()
        assert values(services, "Bob") == []
        desk.page.close()
        context.set_offline(False)
        desk = opened(context, server)
        desk.ready()
        expect(desk.page.locator(".desk .meta .key")).to_have_text(second)
        expect(desk.page.locator(".desk [aria-checked=true]")).to_contain_text("parcel")
        expect(desk.page.get_by_role("textbox", name="Note")).to_have_value("half a thought")
        desk.press("Enter")
        desk.sees("Saved: parcel")
        desk.saved()
        desk.press("1")
        begun = desk.key()
        desk.page.goto(f"{server.url}/account")
        while len(held := in_hand(services, "Bob")) > 1:  # the window says so while it goes away
            desk.page.wait_for_timeout(50)
        assert held == [begun]
    found = [(key, a.value, a.note) for key, a in said(services, "topics", "Bob")]
    assert found == [(first, "other", None), (second, "parcel", "half a thought")]


def test_a_second_window_waits_until_it_is_asked_to_take_over(
    browser: Browser, server: Server, services: Services
) -> None:
    with signed_in(browser, server, "Cyd") as context:
        one = opened(context, server)
        one.ready()
        keys = [one.answer("1")]
        two = opened(context, server)
        two.sees("You are labelling in another window")
        two.press("1", "Enter", "Space", "u")
        keys.append(one.answer("2"))
        one.saved()
        two.page.get_by_role("button", name="Work here instead").click()
        two.ready()
        one.sees("You are labelling in another window")
        one.press("3", "Enter")
        keys.append(two.answer("3"))
        two.saved()
        two.page.close()
        one.ready()  # the first goes on by itself
        keys.append(one.answer("2"))
        one.saved()
    expected = ["money", "parcel", "other", "parcel"]
    assert values(services, "Cyd") == list(zip(keys, expected, strict=True))


def test_two_people_never_answer_one_item(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_desk(browser, server, "Dee") as dee, at_desk(browser, server, "Eve") as eve:
        for label in "12121212":
            dee.answer(label)
            eve.answer(label)
        dee.saved()
        eve.saved()
    found = [key for name in ("Dee", "Eve") for key, _ in values(services, name)]
    assert len(found) == 16
    assert len(set(found)) == 16


def test_an_item_settled_elsewhere_is_a_conflict_that_shows_what_was_answered(
    browser: Browser, server: Server, services: Services
) -> None:
    with (
        signed_in(browser, server, "Fay") as context,
        signed_in(browser, server, "Fay") as other,
    ):
        one, two = opened(context, server), opened(other, server)
        one.ready()
        two.ready()
        shared = one.key()
        while two.key() != shared:
            two.answer("3")
        two.answer("3")
        two.saved()
        one.answer("1")
        one.sees("1 not stored")
        one.page.get_by_role("button", name="1 not stored").click()
        dialog = one.page.get_by_role("dialog")
        expect(dialog).to_contain_text(shared)
        expect(dialog).to_contain_text("money")
        expect(dialog).to_contain_text("settled this item in another window")
        one.press("Escape")
        one.page.reload()
        one.sees("1 not stored")
        one.page.get_by_role("button", name="1 not stored").click()
        one.page.get_by_role("button", name="I have seen this").click()
        one.press("Escape")
        expect(one.page.locator(".desk .to-conflicts")).to_be_hidden()
    assert dict(values(services, "Fay"))[shared] == "other"


def test_a_session_that_ended_keeps_the_answers_for_the_next(
    browser: Browser, server: Server, services: Services
) -> None:
    with signed_in(browser, server, "Gus") as context:
        desk = opened(context, server)
        desk.ready()
        context.clear_cookies()
        key = desk.answer("2")
        desk.sees("1 kept here")
        assert values(services, "Gus") == []
        guest = Guest(server.url)
        guest.pick("Gus")
        cookies = [{"name": n, "value": v, "url": server.url} for n, v in guest.cookies.items()]
        context.add_cookies(cookies)  # type: ignore[arg-type]
        desk.page.get_by_role("button", name="Sign in again").click()
        expect(desk.page.locator(".desk .entry")).to_have_count(1)
        desk.saved()
    assert values(services, "Gus") == [(key, "parcel")]


def test_a_paused_and_a_frozen_project_say_so(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_desk(browser, server, "Hal", "Waiting") as desk:
        _open(services, "paused", "lunch")
        for _ in range(3):
            desk.press("1", "Enter")
        desk.sees("This project is paused")
        desk.sees("lunch")
        desk.saved()
        _open(services, "frozen")
        desk.page.get_by_role("button", name="Look again").click()
        desk.sees("This project is frozen")
    assert len(counting(services, "waiting", "Hal")) == 3


def _open(services: Services, state: str, reason: str | None = None) -> None:
    now = services.now()
    with services.open("waiting") as (store, project):
        set_opening(store, project, state, actor=operator(now), now=now, reason=reason)  # type: ignore[arg-type]
