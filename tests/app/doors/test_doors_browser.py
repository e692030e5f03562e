"""The way in as people walk it, in a real Chromium: first admin, newcomer, a session's end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from annotate.accounts import account_named
from annotate.people import operator
from annotate.sessions import sign_out_everywhere
from app.services import Services
from tests.app.chromium import PATIENCE_MS
from tests.app.doors.guest import FRIEND
from tests.app.serving import Server, serving
from tests.app.world import MAIL, mails, services_in, set_up

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    made = services_in(tmp_path_factory.mktemp("walk"))
    set_up(made, MAIL, mails(6))
    return made


@contextmanager
def window(browser: Browser, server: Server) -> Iterator[tuple[Page, list[str]]]:
    """A browser of its own, and every address it asked for. Fails the test when a page breaks,
    asks another machine, or does what the security policy forbids."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    asked: list[str] = []
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            wrong.append(message.text)

    context.on("request", lambda request: asked.append(request.url))
    context.on("console", heard)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    yield context.new_page(), asked
    context.close()
    assert wrong == []
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {
        urlsplit(server.url).netloc
    }


def settled(page: Page) -> None:
    page.wait_for_selector(".who")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def choose(page: Page, button: str, again: str = FRIEND) -> None:
    """A new password, twice."""
    page.get_by_label("New password").fill(FRIEND)
    page.get_by_label("The same once more").fill(again)
    page.get_by_role("button", name=button).click()


@pytest.mark.timeout(400)
def test_from_the_first_admin_to_the_end_of_a_session(
    browser: Browser, server: Server, services: Services
) -> None:
    with window(browser, server) as (lea, _), window(browser, server) as (ann, asked):
        lea.goto(server.url)
        lea.get_by_label("Your name").fill("Lea")
        lea.get_by_role("button", name="Start").click()
        settled(lea)
        expect(lea.get_by_text("There are no accounts yet")).to_be_visible()
        lea.get_by_role("link", name="Account").click()
        choose(lea, "Set password")
        expect(lea.get_by_role("status")).to_contain_text("Your password is set")

        ann.goto(f"{server.url}/label")
        expect(ann.get_by_role("heading", name="Sign in")).to_be_visible()

        lea.goto(f"{server.url}/people")
        settled(lea)
        lea.get_by_role("button", name="Make a link").click()
        link = lea.get_by_test_id("stCode").locator("code").inner_text()
        assert re.fullmatch(rf"{server.url}/join#(\w{{5}}-){{3}}\w{{5}}", link)

        ann.goto(link)
        ann.get_by_label("Your name").fill("Ann")
        assert ann.url == f"{server.url}/doors/join"
        choose(ann, "Join", again="something else")
        expect(ann.get_by_role("alert")).to_contain_text("passwords differ")
        expect(ann.get_by_label("Your name")).to_have_value("Ann")
        choose(ann, "Join")
        settled(ann)
        expect(ann.locator(".who")).to_have_text("Ann · annotator")
        assert not [url for url in asked if link.partition("#")[2] in url]

        ann.reload()  # a session is no matter of one connection
        settled(ann)
        ann.goto(f"{server.url}/people")
        settled(ann)
        expect(ann.get_by_test_id("stAlert")).to_contain_text("Ann is annotator and may not invite")
        expect(ann.locator("table")).to_have_count(0)

        now = services.now()
        with services.workspace.open() as store:
            person = account_named(store, "Lea").person
            sign_out_everywhere(store, person.id, actor=operator(now), now=now)
        lea.get_by_role("button", name="Make a link").click()
        expect(lea.get_by_role("heading", name="You are signed out")).to_be_visible(
            timeout=PATIENCE_MS
        )
        expect(lea.get_by_test_id("stCode")).to_have_count(0)
        lea.get_by_role("link", name="Sign in again").click()
        lea.get_by_label("Name").fill("lea")
        lea.get_by_label("Password").fill("wrong words")
        lea.get_by_role("button", name="Sign in").click()
        expect(lea.get_by_role("alert")).to_contain_text("name or password is not right")
        lea.get_by_label("Password").fill(FRIEND)
        lea.get_by_role("button", name="Sign in").click()
        settled(lea)
        expect(lea.locator(".who")).to_have_text("Lea · admin")

        ann.get_by_role("button", name="Sign out").click()
        expect(ann.get_by_role("heading", name="Sign in")).to_be_visible()
        ann.goto(f"{server.url}/label")
        expect(ann.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_demo_signs_in_by_itself_until_somebody_switches(
    browser: Browser, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("demo")
    set_up(services_in(folder), MAIL, mails(2))
    with serving(folder, person="you") as demo, window(browser, demo) as (page, _):
        page.goto(f"{demo.url}/people")
        settled(page)
        assert page.url == f"{demo.url}/people"
        expect(page.locator(".who")).to_have_text("you · admin")
        page.get_by_role("button", name="Switch person").click()
        expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
        expect(page.get_by_role("button", name="you admin")).to_be_visible()
