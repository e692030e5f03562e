"""A page with one widget or some fields on it, in a real Chromium, and no server at all."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

HERE = Path(__file__).parent
STATIC = HERE.parents[2] / "app" / "screen" / "static"
HOST = "http://widgets.test"

Field = dict[str, Any]


def text_field(text: str, name: str = "text") -> Field:
    return {"name": name, "kind": "text", "text": text}


def spans_question(*labels: str | Mapping[str, str], overlap: bool = True) -> dict[str, Any]:
    """A question about spans of the field `text`. labels: names, or options with a key."""
    options = [
        {"value": label, "title": label} if isinstance(label, str) else dict(label)
        for label in labels
    ]
    question = {"name": "names", "type": "spans", "text": "Mark names", "field": "text"}
    return question | {"options": options, "overlap": overlap}


@dataclass
class Bench:
    """The page, and what the tests ask of it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """As if the page had just been opened."""
        self.page.mouse.move(0, 0)
        self.page.evaluate("() => clear()")

    def wrong(self) -> list[str]:
        """Errors in the page, and requests for anything but its own files."""
        return self.errors + [url for url in self.asked if not url.startswith(HOST)]

    def put(self, spec: Mapping[str, Any], fields: Sequence[Field] = (), **context: object) -> None:
        """Put up a widget. context: more of what the desk hands over, such as `suggestion`."""
        self.page.evaluate("([s, f, c]) => put(s, f, c)", [spec, list(fields), context])

    def mark(self, text: str, *labels: str | Mapping[str, str], overlap: bool = True) -> None:
        """Put up the spans widget over a text."""
        spec = spans_question(*(labels or ("a", "b")), overlap=overlap)
        self.put(spec, [text_field(text)])

    def draw(self, *fields: Field) -> None:
        """Put up fields."""
        self.page.evaluate("f => draw(f)", list(fields))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def value(self) -> Any:
        return self.page.evaluate("() => widget.value()")

    def set(self, value: object) -> None:
        self.page.evaluate("v => widget.set(v)", value)

    def problem(self) -> str | None:
        problem: str | None = self.page.evaluate("() => widget.problem()")
        return problem

    def said(self, text: str) -> list[tuple[str, str]]:
        """(label, text) of the spans, cut out by Python."""
        return [(one["label"], text[one["start"] : one["end"]]) for one in self.value()]

    def changes(self) -> int:
        count: int = self.page.evaluate("() => window.changes")
        return count

    def drag(self, text: str, start: int, end: int, *, keys: Sequence[str] = ()) -> None:
        """Drag the mouse over text[start:end], code points of one line of the widget's text."""
        found = self.page.evaluate(PLACE, [text, start, end])
        mouse, keyboard = self.page.mouse, self.page.keyboard
        mouse.move(*found[0])
        for key in keys:
            keyboard.down(key)
        mouse.down()
        mouse.move(*found[1], steps=4)
        mouse.up()
        for key in keys:
            keyboard.up(key)


PLACE = """([text, start, end]) => {
  const unit = (at) => Array.from(text).slice(0, at).join("").length;
  const before = text.slice(0, unit(start));
  const row = document.querySelectorAll(".ca-lines > div")[before.split("\\n").length - 1];
  const from = before.length - (before.lastIndexOf("\\n") + 1);
  const range = document.createRange();
  range.setStart(row.firstChild, from);
  range.setEnd(row.firstChild, from + unit(end) - unit(start));
  const rects = Array.from(range.getClientRects());
  const [a, b] = [rects[0], rects.at(-1)];
  const y = ({ top, height }) => top + height / 2;
  return getComputedStyle(row).direction === "rtl"
    ? [[a.right - 1, y(a)], [b.left + 1, y(b)]]
    : [[a.left + 1, y(a)], [b.right - 1, y(b)]];
}"""


@contextmanager
def bench(browser: Browser, *, language: str = "en") -> Iterator[Bench]:
    """The page, alone: any error in it and any request beyond the static files fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    opened = Bench(page)
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on("request", lambda request: opened.asked.append(request.url))
    page.route("**/*", _serve)
    page.goto(f"{HOST}/?language={language}")
    page.wait_for_selector("html[data-ready=yes]")
    yield opened
    context.close()
    assert opened.wrong() == []


def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(HOST).partition("?")[0]
    file = HERE / "page.html" if path == "/" else STATIC / path.removeprefix("/static/")
    if not file.is_file():
        route.fulfill(status=404)
        return
    kind = mimetypes.guess_type(file.name)[0] or "text/plain"
    route.fulfill(body=file.read_bytes(), content_type=f"{kind}; charset=utf-8")
