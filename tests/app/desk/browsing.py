"""People at the desk in a real Chromium: signing in, pressing keys, reading what is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, expect

from tests.app.chromium import PATIENCE_MS
from tests.app.doors.guest import Guest
from tests.app.serving import Server

BLANK = "/blank"
"""An empty page of the server's own: from any other, a browser starts with new processes."""
Scheme = Literal["light", "dark"]

_LEFT: Final[WeakKeyDictionary[Browser, list[BrowserContext]]] = WeakKeyDictionary()
"""Windows that nobody is at. A new one reads and compiles every script of the page again, which
takes four times as long as all else that happens until an item is there."""


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
    """A browser of its own in which this person is signed in, and nothing is kept from before."""
    guest = Guest(server.url)
    guest.pick(name)
    left = _LEFT.setdefault(browser, []) if locale == "en-US" else []
    context = left.pop() if left else _new(browser, locale)
    page = free(context)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    cookies = [{"name": n, "value": v, "url": server.url} for n, v in guest.cookies.items()]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    yield context
    _empty(context, server)
    left.append(context)


def _new(browser: Browser, locale: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale=locale)
    context.set_default_timeout(PATIENCE_MS)
    return context


def _empty(context: BrowserContext, server: Server) -> None:
    """Leave one blank page, without cookies, storage or anything in its way."""
    context.set_offline(False)
    page, *others = context.pages
    for other in others:
        other.close()
    page.unroute_all(behavior="ignoreErrors")
    page.mouse.move(0, 0)
    page.on("dialog", Dialog.accept)  # asks whether to leave, where something is not saved
    page.route(f"**{BLANK}", lambda way: way.fulfill(body=""))
    page.goto(server.url + BLANK)
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.unroute_all()
    page.remove_listener("dialog", Dialog.accept)
    context.clear_cookies()


def free(context: BrowserContext) -> Page:
    """A window that shows nothing yet."""
    blank = (page for page in context.pages if page.url.endswith(("about:blank", BLANK)))
    return next(blank, None) or context.new_page()


def opened(context: BrowserContext, server: Server, project: str | None = None) -> Desk:
    """The labelling page in a new window. project: its title, where there are several."""
    page = free(context)
    desk = Desk(page)
    page.on("pageerror", lambda error: desk.foreign.append(f"error: {error}"))
    page.on("request", lambda request: _watch(desk, server, request))
    page.goto(f"{server.url}/label")
    if project is not None:
        _choose(page, project)
    return desk


def _choose(page: Page, project: str) -> None:
    page.locator(".st-key-projects").get_by_text(project, exact=True).click()
    expect(page.locator(".desk h1")).to_have_text([project])  # and the other desk has gone


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


@contextmanager
def turned_to(desk: Desk, project: str) -> Iterator[Desk]:
    """The same window at another project, for a tenth of what it takes to open one."""
    _choose(desk.page, project)
    desk.ready()
    yield desk
    assert desk.conflicts() == []
    assert desk.foreign == []
