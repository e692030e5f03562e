"""People at the desk in a real Chromium: signing in, pressing keys, reading what is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.app.chromium import PATIENCE_MS
from tests.app.guest import Guest
from tests.app.serving import Server

Scheme = Literal["light", "dark"]


@dataclass
class Desk:
    """One window. foreign: errors, and addresses elsewhere that it asked for. sent: the
    operations in its requests."""

    page: Page
    foreign: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def numpad(self, digit: str) -> None:
        """A digit of the number pad, which Playwright only has with its lock off."""
        self.page.evaluate(
            """digit => document.body.dispatchEvent(new KeyboardEvent("keydown", {
                key: digit, code: `Numpad${digit}`, location: 3, bubbles: true, composed: true,
            }))""",
            digit,
        )

    def item(self) -> str:
        """The text of the item, as it stands there."""
        return str(self.page.locator(".desk .item").inner_text())

    def key(self) -> str:
        """The item's own key."""
        return str(self.page.locator(".desk .meta .key").inner_text())

    def answer(self, *keys: str) -> str:
        """Press these and Enter; returns the key of the item that was answered."""
        key = self.key()
        self.press(*keys, "Enter")
        expect(self.page.locator(".desk .meta .key")).not_to_have_text(key)
        return key

    def sees(self, text: str) -> None:
        expect(self.page.locator(".desk")).to_contain_text(text)

    def saved(self) -> None:
        """Everything has arrived."""
        expect(self.page.locator(".desk .status")).to_have_class("status good")

    def ready(self) -> None:
        """An item is there."""
        expect(self.page.locator(".desk .work:not(.blank) .meta .key")).not_to_be_empty()

    def conflicts(self) -> list[str]:
        """Why answers were not stored, as this browser keeps it."""
        found: list[str] = self.page.evaluate(
            """Object.keys(localStorage).filter((name) => name.includes("/conflict/")).sort()
                 .map((name) => JSON.parse(localStorage.getItem(name)).message)"""
        )
        return found

    def last(self) -> list[str]:
        """One's last answers as the list has them, newest first."""
        return [str(row) for row in self.page.locator(".desk .entry b").all_inner_texts()]


@contextmanager
def signed_in(
    browser: Browser,
    server: Server,
    name: str,
    *,
    width: int = 1280,
    height: int = 800,
    locale: str = "en-US",
    scheme: Scheme = "light",
) -> Iterator[BrowserContext]:
    """A browser of its own in which this person is signed in."""
    guest = Guest(server.url)
    guest.pick(name)
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=locale, color_scheme=scheme
    )
    context.set_default_timeout(PATIENCE_MS)
    cookies = [{"name": n, "value": v, "url": server.url} for n, v in guest.cookies.items()]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    yield context
    context.close()


def opened(context: BrowserContext, server: Server, project: str | None = None) -> Desk:
    """The labelling page in a new window. project: its title, where there are several."""
    page = context.new_page()
    desk = Desk(page)
    page.on("pageerror", lambda error: desk.foreign.append(f"error: {error}"))
    page.on("request", lambda request: _watch(desk, server, request))
    page.goto(f"{server.url}/label")
    if project is not None:
        page.locator(".st-key-projects").get_by_text(project).click()
        expect(page.locator(".desk h1")).to_have_text(project)
    return desk


def _watch(desk: Desk, server: Server, request: Request) -> None:
    if not request.url.startswith((server.url, "blob:", "data:")):
        desk.foreign.append(request.url)
    if request.url.endswith("/sync"):
        desk.sent += json.loads(request.post_data or "{}").get("ops", [])


@contextmanager
def at_desk(
    browser: Browser, server: Server, name: str, project: str | None = None, **how: Any
) -> Iterator[Desk]:
    """This person at the desk, with an item. Any error, and any request to elsewhere, fails."""
    with signed_in(browser, server, name, **how) as context:
        desk = opened(context, server, project)
        desk.ready()
        yield desk
        assert desk.conflicts() == []
    assert desk.foreign == []
