"""The pages of leads in a real Chromium, against the real server."""

from __future__ import annotations

import io
import json
import re

import pytest
from playwright.sync_api import Browser, expect

from annotate.people import operator
from annotate.workflow.exports.exporting import Request, export
from app.services import Services
from tests.app.desk.browsing import at_desk, free, signed_in
from tests.app.serving import Server
from tests.app.world import MAIL, START, mails, person, services_in, set_up

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """The model says `parcel` of every mail."""
    services = services_in(tmp_path_factory.mktemp("browser"))
    set_up(services, MAIL, mails(24), says="parcel")
    for name in ("Ann", "Bob"):
        person(services, name)
    person(services, "Lea", "lead")
    return services


def test_the_lead_page_refuses_an_annotator(browser: Browser, server: Server) -> None:
    with signed_in(browser, server, "Bob") as context:
        page = free(context)
        page.goto(f"{server.url}/progress")
        expect(page.get_by_test_id("stAlert")).to_contain_text("may not review")
        assert page.locator(".steps, table").count() == 0
        links = page.get_by_test_id("stSidebarNavLink").all_inner_texts()
        assert links == ["Label", "My feedback"]


def test_what_was_answered_is_exported_and_read_in_the_items_history(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_desk(browser, server, "Ann") as desk:
        answered = {desk.answer("1"): "money", desk.answer("3"): "other"}
        desk.saved()
    out = io.BytesIO()
    with services.open("mails") as (store, project):
        export(store, project, Request("labels"), out, actor=operator(START), now=START)
    rows = map(json.loads, out.getvalue().splitlines())
    assert {r["id"]: r["label"] for r in rows if r["source"] == "person"} == answered
    with signed_in(browser, server, "Lea") as context:
        page = free(context)
        page.goto(f"{server.url}/disagreements")
        page.get_by_role("button", name="History").first.click()
        expect(page.get_by_text("Ann").first).to_be_visible()
        expect(page).to_have_url(re.compile("item="))
        page.get_by_role("button", name="Switch person").click()
        expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()


def test_charts_draw_though_no_script_may_be_evaluated(browser: Browser, server: Server) -> None:
    troubles: list[str] = []
    with signed_in(browser, server, "Lea") as context:
        page = free(context)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console", lambda one: troubles.append(one.text) if "EvalError" in one.text else None
        )
        answer = page.goto(f"{server.url}/routing")
        assert answer is not None
        assert "unsafe-eval" not in answer.headers["content-security-policy"]
        charts = page.get_by_test_id("stVegaLiteChart")
        line = charts.first.locator("svg.marks .mark-line path")
        expect(line.first).to_have_attribute("d", re.compile(r"^M[\d.]+,[\d.]+L"))
        expect(charts.nth(1).locator("svg.marks .mark-rect path").first).to_be_attached()
    assert troubles == []
