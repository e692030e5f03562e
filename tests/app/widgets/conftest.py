"""One Chromium and one page for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.app.chromium import chromium
from tests.app.widgets.world import Bench, bench


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def page_of_all(browser: Browser) -> Iterator[Bench]:
    with bench(browser) as opened:
        yield opened


@pytest.fixture
def desk(page_of_all: Bench) -> Iterator[Bench]:
    page_of_all.clear()
    yield page_of_all
    assert page_of_all.wrong() == []
