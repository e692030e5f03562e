"""Charts in a real Chromium, under the policy that the server sends: no script may be evaluated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.app.desk.browsing import chromium
from tests.app.serving import serving
from tests.app.world import MAIL, mails, person, services_in, set_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TASK = MAIL.replace("policy: random, budget: 1.0, audit: 0.0", "budget: 0.5")


def test_vega_draws_without_evaluating_scripts(tmp_path: Path) -> None:
    services = services_in(tmp_path)
    set_up(services, TASK, mails(12), says="parcel")
    person(services, "Lea", "lead")
    troubles: list[str] = []
    with serving(tmp_path, person="Lea") as server, chromium() as browser:
        page = browser.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda one: (
                troubles.append(one.text)
                if one.type == "error"
                and "404" not in one.text  # Streamlit looks for its own address
                else None
            ),
        )
        answer = page.goto(f"{server.url}/routing")
        assert answer is not None
        assert "unsafe-eval" not in answer.headers["content-security-policy"]
        charts = page.get_by_test_id("stVegaLiteChart")
        line = charts.first.locator("svg.marks .mark-line path")
        expect(line.first).to_have_attribute("d", re.compile(r"^M[\d.]+,[\d.]+L"))
        expect(charts.nth(1).locator("svg.marks .mark-rect path").first).to_be_attached()
    assert troubles == []
