"""A lead starts, watches and stops a long run in a real Chromium, while a worker does it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.worker import beside
from tests.app.chromium import PATIENCE_MS, chromium
from tests.app.serving import serving
from tests.app.world import mails, person, services_in, set_up
from tests.llm_server.server import LLMServer

pytestmark = pytest.mark.browser

ITEMS = 400
PROJECT = """
project: mails
title: Mails to the shop
fields: [text]
import: {{id: id}}
questions:
  - {{name: topic, type: single_label, text: What is it?, labels: [{{name: spam}}, {{name: ham}}]}}
llm:
  {{provider: openai, base_url: "{url}", model: test-model, variants: [question], concurrency: 4,
   structured: off, logprobs: off, few_shot: 0, max_tokens: 20, max_cost_usd: 2,
   price: {{usd_per_m_in: 10, usd_per_m_out: 10, as_of: "2026-11-20"}}}}
routing: {{signal: entropy, budget: 0.2}}
"""
START = "Pre-label what is missing, and route"


@contextmanager
def lead_at(url: str) -> Iterator[Page]:
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{url}/progress")
        page.get_by_role("button", name=re.compile("^Lea")).click()
        yield page
    assert errors == []


def done(page: Page) -> int:
    """Items that the newest job says it has done."""
    told = page.get_by_text(re.compile(rf"\d+ of {ITEMS} items")).first
    expect(told).to_be_visible()
    found = re.search(r"(\d+) of", told.inner_text())
    assert found is not None
    return int(found[1])


def test_a_run_is_started_watched_stopped_and_goes_on(tmp_path: Path) -> None:
    with LLMServer(lambda call: "spam", latency_s=0.05) as server:
        services = services_in(tmp_path)
        person(services, "Lea", "lead")
        set_up(services, PROJECT.format(url=server.base_url), mails(ITEMS), upto="import")
        with serving(tmp_path) as app, beside(services.config), lead_at(app.url) as page:
            page.get_by_role("button", name=START).click()
            seen = done(page)
            # nobody touches the page: the numbers move by themselves
            page.wait_for_function(
                "seen => [...document.querySelectorAll('main *')].some(e => {"
                "  const m = /(\\d+) of 400 items/.exec(e.textContent);"
                "  return m && Number(m[1]) > seen })",
                arg=seen,
            )
            expect(page.get_by_text(re.compile(r"about \d+ s left")).first).to_be_visible()
            expect(page.get_by_text(re.compile(r"\$0\.\d{4} of \$2")).first).to_be_visible()
            page.get_by_role("button", name="Stop").click()
            expect(page.get_by_text(re.compile("cancelled")).first).to_be_visible()
            stopped = len(server.calls)
            assert 0 < stopped < ITEMS
            server.latency_s = 0.0
            page.get_by_role("button", name=START).click()
            expect(page.get_by_text(re.compile("· done")).first).to_be_visible()
            # the buttons follow the words, a moment later
            expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        prompts = server.served
    assert len(server.calls) == ITEMS  # what the first run had asked was not asked again
    assert set(prompts.values()) == {1}
    with services.open() as (store, _):
        assert len(list(store.decisions.current("mails", "topic"))) == ITEMS
