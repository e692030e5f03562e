"""For browser tests: a module says what its workspace holds (`services`), the rest is here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.services import Services
from tests.app.chromium import chromium
from tests.app.serving import Server, serving


@pytest.fixture(scope="module")
def server(services: Services) -> Iterator[Server]:
    """The application, as a process of its own, over the module's workspace."""
    with serving(services.config.folder) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    with chromium() as running:
        yield running
