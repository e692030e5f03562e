"""One person in a real Chromium: how long from a key to the next item on the screen, and saved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.app.serving import Server

PATIENCE_MS = 120_000
AT_WORK = ".desk .work:not(.blank) .option"

PRESSED = """
  window.pressed = null;
  window.addEventListener("keydown", (event) => {
    if (event.key === "Enter") window.pressed = event.timeStamp;
  }, true);
"""
"""Before the desk listens: it keeps what it uses from everybody behind it."""
WATCH = """
(() => {
  if (window.seen) return void (window.seen.length = 0);
  const seen = (window.seen = []);
  const key = document.querySelector(".desk .meta .key");
  const status = document.querySelector(".desk .status");
  new MutationObserver(() => {
    if (window.pressed === null) return;
    const one = { pressed: window.pressed, shown: null, saved: null };
    window.pressed = null;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { one.shown ??= performance.now() - one.pressed; };
      port2.postMessage(null); // a task after the frame was drawn
    });
    seen.push(one);
  }).observe(key, { childList: true, characterData: true, subtree: true });
  new MutationObserver(() => {
    if (!status.classList.contains("good")) return;
    const time = performance.now();
    for (const one of seen) one.saved ??= time - one.pressed;
  }).observe(status, { attributes: true, attributeFilter: ["class"] });
})()
"""
SETTLED = "window.seen.every((one) => one.shown !== null && one.saved !== null)"


@dataclass(frozen=True, slots=True)
class Typed:
    """Milliseconds from each Enter: until the next item was drawn, until the answer was stored."""

    shown_ms: list[float]
    saved_ms: list[float]


def at_work(context: BrowserContext, server: Server) -> tuple[Page, float]:
    """The labelling page with an item, and the seconds until it was there."""
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    began = perf_counter()
    page.goto(f"{server.url}/label")
    page.wait_for_selector(AT_WORK)
    return page, perf_counter() - began


def context_of(browser: Browser, server: Server, cookies: dict[str, str]) -> BrowserContext:
    """A browser of its own for the person with these cookies."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    made: Any = [{"name": n, "value": v, "url": server.url} for n, v in cookies.items()]
    context.add_cookies(made)
    context.add_init_script(PRESSED)
    return context


def type_on(page: Page, answers: int, pause_ms: float) -> Typed:
    """Answer so many items: a digit, Enter, a pause."""
    page.evaluate(WATCH)
    for at in range(answers):
        page.keyboard.press("123"[at % 3])
        page.keyboard.press("Enter")
        page.wait_for_timeout(pause_ms)
    # asked from outside: the page's content policy keeps a waiting script from being evaluated
    while not page.evaluate(SETTLED):
        page.wait_for_timeout(20)
    found = json.loads(page.evaluate("JSON.stringify(window.seen)"))
    return Typed([one["shown"] for one in found], [one["saved"] for one in found])
