"""The cases of a lead in a real Chromium: decided by keys alone, and kept whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from annotate.model import Adjudication
from app.services import Services
from tests.app.desk.browsing import free, signed_in
from tests.app.serving import Server
from tests.app.world import MAIL, mails, person, services_in, set_up
from tests.labelling import assign, submit
from tests.small import Clock

pytestmark = pytest.mark.browser

TWICE = f"{MAIL}people: {{per_item: 2}}\n"
CASES = 7


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Ann calls everything money and Bob a parcel, and so does the model."""
    services = services_in(tmp_path_factory.mktemp("decide"))
    set_up(services, TWICE, mails(CASES), says="parcel")
    clock = Clock()
    for name, value in (("Ann", "money"), ("Bob", "parcel")):
        who = person(services, name)
        with services.open("mails") as (store, project):
            while task := assign(store, project, actor=who, now=clock.at):
                clock.at += timedelta(seconds=1)
                submit(
                    store, project, task, value, actor=who, now=clock.at, seconds=4,
                    note="<b>a note</b> & more",
                )  # fmt: skip
    person(services, "Cyd")
    person(services, "Lea", "lead")
    return services


@dataclass
class Cases:
    """The page of one lead."""

    page: Page
    services: Services
    errors: list[str] = field(default_factory=list)

    def key(self) -> str:
        return str(self.page.locator(".desk .meta .key").inner_text()).split(" · ")[0]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def settle(self, *keys: str) -> str:
        """Press these; returns the key of the case, once another one is shown."""
        key = self.key()
        self.press(*keys)
        expect(self.page.locator(".desk .meta .key")).not_to_have_text(key)
        return key

    def saved(self) -> None:
        expect(self.page.locator(".desk .status")).to_have_class("status good")

    def standing(self) -> dict[str, Adjudication]:
        """own key of an item -> what stands of it."""
        with self.services.open("mails") as (store, _):
            found = store.adjudications.in_force("mails", "topic")
            items = store.items.several(list(found))
        return {items[i].key.removeprefix("id:"): one for i, one in found.items()}

    def waiting(self, words: str) -> None:
        expect(self.page.locator(".desk .count")).to_have_text(words)


@contextmanager
def at_cases(browser: Browser, server: Server, services: Services) -> Iterator[Cases]:
    with signed_in(browser, server, "Lea") as context:
        cases = Cases(free(context), services)
        cases.page.on("pageerror", lambda error: cases.errors.append(str(error)))
        cases.page.goto(f"{server.url}/decide")
        expect(cases.page.locator(".desk .work:not(.blank) .meta .key")).not_to_be_empty()
        yield cases
    assert cases.errors == []


def test_a_lead_decides_by_keys_alone(browser: Browser, server: Server, services: Services) -> None:
    with at_cases(browser, server, services) as cases:
        page = cases.page
        cases.waiting("7 cases wait")
        panel = page.locator(".desk .asking")
        expect(panel).to_contain_text("<b>a note</b> & more")
        expect(panel).not_to_contain_text("Ann")
        cases.press("p")
        expect(panel).to_contain_text("Ann")
        cases.press("p")
        expect(panel).not_to_contain_text("Ann")
        expect(page.locator(".desk .guide")).to_contain_text("A refund of $5 or $10 is money.")
        cases.press("Enter")
        expect(page.locator(".desk .notice")).to_have_text(
            "Choose an answer first: press its digit"
        )
        decided = {cases.settle("1", "Enter"): "money", cases.settle("2", "Enter"): "parcel"}
        cases.press("n")
        page.keyboard.type("neither, as 1 says")
        decided[cases.settle("Escape", "3", "Enter")] = "other"
        both = cases.settle("a")
        cases.press("b")
        page.keyboard.type("is a voucher money?")
        back = cases.settle("Control+Enter")
        cases.waiting("2 cases wait")
        wrong = cases.settle("1", "Enter")
        cases.press("u")
        expect(page.locator(".desk .meta .key")).to_have_text(wrong)
        cases.waiting("2 cases wait")
        cases.saved()
        found = cases.standing()
        assert {k: one.value for k, one in found.items() if one.kind == "decided"} == decided
        assert [k for k, one in found.items() if one.kind == "ambiguous"] == [both]
        assert {k: one.comment for k, one in found.items() if one.comment} == {
            [*decided][2]: "neither, as 1 says",
            back: "is a voucher money?",
        }
        assert wrong not in found
        cases.press("ArrowLeft")
        expect(page.locator(".desk .meta .key")).to_have_text(f"{back} · sent back")


def test_a_lost_connection_loses_no_decision(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_cases(browser, server, services) as cases:
        page = cases.page
        page.context.set_offline(True)
        key = cases.settle("2", "Enter")
        expect(page.locator(".desk .status")).to_have_text("Offline · 1 kept here")
        assert key not in cases.standing()
        page.context.set_offline(False)
        cases.saved()
        assert cases.standing()[key].value == "parcel"
        cases.press("u")
        cases.saved()
        assert key not in cases.standing()


def test_the_person_reads_what_the_lead_wrote(browser: Browser, server: Server) -> None:
    with signed_in(browser, server, "Cyd") as context:
        page = free(context)
        page.goto(f"{server.url}/label")
        expect(page.locator(".desk .lead-note")).to_contain_text("is a voucher money?")


def test_an_annotators_address_of_the_cases_is_refused(browser: Browser, server: Server) -> None:
    with signed_in(browser, server, "Ann") as context:
        page = free(context)
        page.goto(f"{server.url}/decide")
        expect(page.get_by_test_id("stAlert")).to_contain_text("may not adjudicate")
        assert page.locator(".desk").count() == 0
        found = page.request.get(f"{server.url}/api/projects/mails/cases?question=topic")
        assert found.status in (401, 403)
