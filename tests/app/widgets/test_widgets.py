"""Item fields in a real Chromium: nothing is lost, run or sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from annotate.fields import nodes
from tests.app.widgets.world import Bench, Field, text_field
from tests.small import item, small_project

pytestmark = pytest.mark.browser

HOSTILE = (
    '<script>window.hit = 1</script><img src=x onerror="window.hit = 2">'
    '<svg onload="window.hit = 3"></svg> [a](javascript:window.hit=4) '
    "![b](http://elsewhere.test/x.png) <iframe src=http://elsewhere.test></iframe>"
)


def prepared(values: Mapping[str, str], **shows: str) -> list[Field]:
    """Fields as the server makes them. shows: field -> kind."""
    project = small_project(fields=[{"name": name, "show": shows[name]} for name in values])
    return nodes(project, replace(item(project, 0), fields=values))


# ---- fields


@pytest.mark.parametrize("kind", ["text", "markdown", "chat", "code", "pairs"])
def test_hostile_text_is_shown_as_text(desk: Bench, kind: str) -> None:
    message = {"role": f"assistant{HOSTILE}", "content": HOSTILE}
    text = {
        "chat": json.dumps([message, {"role": "assistant", "content": HOSTILE}]),
        "pairs": json.dumps({HOSTILE: HOSTILE}),
    }.get(kind, HOSTILE)
    desk.draw(*prepared({"f": text}, f=kind))
    shown = desk.page.locator("main").inner_text()
    assert "<script>window.hit = 1</script>" in shown
    assert desk.page.locator("main :is(script, img, svg, iframe, a)").count() == 0
    assert desk.page.evaluate("() => window.hit") is None


def test_even_a_hostile_tree_is_only_text(desk: Bench) -> None:
    """The page does not trust the server either."""
    tree = [
        {"tag": "script", "children": ["window.hit = 1"]},
        {"tag": "a", "attrs": {"href": "javascript:window.hit=2"}, "children": ["x"]},
        {"tag": "p", "attrs": {"onclick": "window.hit=3", "style": "x"}, "children": ["y"]},
    ]
    desk.draw({"name": "f", "kind": "markdown", "nodes": tree})
    for word in ("x", "y"):
        desk.page.get_by_text(word, exact=True).click()
    assert desk.page.locator("main :is(script, [href], [onclick], [style])").count() == 0
    assert desk.page.evaluate("() => window.hit") is None


def test_markdown(desk: Bench) -> None:
    text = (
        "# Top\n\n3. *a* ~~b~~\n\n[l](https://example.org/)\n\n|x|\n|-:|\n|1|\n\n```py\nz = 1\n```"
    )
    desk.draw(*prepared({"f": text}, f="markdown"))
    main = desk.page.locator("main")
    assert main.locator("h3.ca-h1").inner_text() == "Top"
    assert main.locator("ol").get_attribute("start") == "3"
    link = main.get_by_role("link", name="l")
    assert link.get_attribute("href") == "https://example.org/"
    assert "noopener" in (link.get_attribute("rel") or "")
    assert main.locator("td.ca-right").inner_text() == "1"
    assert main.locator("pre").inner_text() == "z = 1\n"
    assert main.locator(".ca-tag").inner_text() == "py"


def test_a_chat_folds_what_the_system_said(desk: Bench) -> None:
    chat = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi\n*there*"},
        {"role": "narrator", "content": "Aside"},
    ]
    desk.draw(*prepared({"f": json.dumps(chat)}, f="chat"))
    page = desk.page
    assert page.locator(".ca-role").all_inner_texts() == ["System", "User", "narrator"]
    expect(page.get_by_text("Be kind.")).to_be_hidden()
    page.locator("summary").click()
    expect(page.get_by_text("Be kind.")).to_be_visible()
    assert page.get_by_role("article", name="User").inner_text().endswith("Hi\n*there*")


def test_code_shows_what_turns_the_reading_around(desk: Bench) -> None:
    desk.draw(*prepared({"f": "if x:\u202e # }\n" + "long " * 99}, f="code"))
    assert desk.page.locator("code").inner_text().startswith("if x:U+202E # }\n")
    wrap = desk.page.get_by_role("button", name="Wrap lines")
    before = desk.page.locator("pre").evaluate("(e) => e.scrollWidth > e.clientWidth")
    wrap.click()
    after = desk.page.locator("pre").evaluate("(e) => e.scrollWidth > e.clientWidth")
    assert (before, after, wrap.get_attribute("aria-pressed")) == (True, False, "true")


def test_pairs_and_plain_text(desk: Bench) -> None:
    values = {
        "facts": '{"price": 1.50, "who": "Ann"}',
        "text": "a\x00b\x1b\x7f\x85\nשלום\n",
        "no": "",
    }
    desk.draw(*prepared(values, facts="pairs", text="text", no="text"))
    page = desk.page
    assert page.locator("tr").all_inner_texts() == ["price\t1.50", "who\tAnn"]
    lines = page.locator(".ca-lines > div")
    assert lines.all_inner_texts()[:2] == ["a␀b␛␡\ufffd", "שלום"]
    assert lines.nth(1).evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    assert page.locator("h3").all_inner_texts() == ["facts", "text", "no"]
    assert page.locator(".ca-empty").inner_text() == "empty"


def test_huge_lines(desk: Bench) -> None:
    length = "() => document.querySelector('main').textContent.length"
    desk.draw(text_field("x" * 1_000_000), text_field("{" * 1_000, "deep"))
    assert desk.page.evaluate(length) > 1_001_000
    desk.draw(text_field("\n" * 500_000 + "end"))
    assert desk.page.locator(".ca-lines > div").count() <= 5_000
    expect(desk.page.get_by_text("end")).to_have_count(1)


# ---- long texts


LONG = "\n".join(f"Line {n}: the quick brown Fox jumps." for n in range(400))


def test_find(desk: Bench) -> None:
    page = desk.page
    desk.draw(text_field(LONG))
    page.locator(".ca-scroll").focus()
    desk.press("/")
    page.keyboard.type("fox j")
    count = page.locator(".ca-count")
    expect(count).to_have_text("1 of 400")
    desk.press("Enter", "Enter")
    expect(count).to_have_text("3 of 400")
    desk.press("Shift+Enter", "Shift+Enter", "Shift+Enter")
    expect(count).to_have_text("400 of 400")
    assert page.evaluate("() => CSS.highlights.get('ca-found').size") == 400
    [now] = page.evaluate(
        "() => [...CSS.highlights.get('ca-found-now')].map((r) => r.startContainer.data)"
    )
    assert now.startswith("Line 399:")
    expect(page.get_by_text("Line 399:")).to_be_in_viewport()
    desk.press("Escape")
    expect(page.locator(".ca-find")).to_be_hidden()
    assert page.evaluate("() => CSS.highlights.size") == 0
    assert page.evaluate("() => document.activeElement.className") == "ca-scroll"
    desk.press("Control+f")
    expect(page.locator(".ca-find input")).to_be_focused()
    page.keyboard.type("nowhere")
    expect(count).to_have_text("No match")


def test_find_opens_what_is_folded(desk: Bench) -> None:
    chat = [{"role": "system", "content": "needle"}, {"role": "user", "content": "hay"}]
    desk.draw(*prepared({"f": json.dumps(chat)}, f="chat"))
    desk.page.evaluate("() => shown.find()")
    desk.page.keyboard.type("NEEDLE")
    expect(desk.page.get_by_text("needle")).to_be_visible()


def test_a_text_opens_where_it_was_left(desk: Bench) -> None:
    top = "() => document.querySelector('.ca-scroll').scrollTop"
    desk.draw(text_field(LONG))
    desk.page.wait_for_selector(".ca-long")
    desk.page.locator(".ca-scroll").evaluate("(e) => { e.scrollTop = 1234; }")
    desk.draw(text_field("short"))
    assert desk.page.locator(".ca-long").count() == 0
    desk.draw(text_field(LONG))
    desk.page.wait_for_function(f"{top.removeprefix('() => ')} === 1234")
    desk.draw(text_field(LONG + "!"))
    desk.page.wait_for_selector(".ca-long")
    assert desk.page.evaluate(top) == 0


# ---- colours


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb", WCAG 2.2."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_colours_of_labels_can_be_seen_and_told_apart(desk: Bench) -> None:
    looks = desk.page.evaluate("() => Array.from({ length: 32 }, (_, at) => look(at))")
    for paper in ("#ffffff", "#f0f2f6", "#0e1117", "#262730"):
        assert min(contrast(one["color"], paper) for one in looks) >= 3
    assert len({(one["color"], one["line"]) for one in looks}) == 32


@pytest.mark.parametrize(
    ("key", "code", "held", "means"),
    [
        ("1", "Numpad1", {}, "1"),
        ("&", "Digit1", {}, "1"),  # French: the digit itself takes Shift
        ("è", "Digit7", {}, "7"),
        ("ě", "Digit2", {}, "2"),  # Czech
        ("+", "Digit1", {}, "1"),
        ("!", "Digit1", {"shiftKey": True}, "!"),
        ("/", "Digit7", {"shiftKey": True}, "/"),  # German
        ("[", "Digit8", {"modifierAltGraph": True}, "["),
        ("€", "KeyE", {"modifierAltGraph": True}, "€"),
        ("A", "KeyA", {"modifierCapsLock": True}, "a"),
        ("ф", "KeyA", {}, "a"),
        ("a", "KeyQ", {}, "a"),  # French: where the letter is written, not where others have it
        ("１", "Digit1", {}, "1"),
    ],
)
def test_what_a_key_means_on_keyboards_of_the_world(
    desk: Bench, key: str, code: str, held: dict[str, bool], means: str
) -> None:
    pressed = {"key": key, "code": code, **held}
    script = 'pressed => keyOf(new KeyboardEvent("keydown", pressed))'
    assert desk.page.evaluate(script, pressed) == means


def test_a_label_may_have_a_key_that_writes_no_latin(desk: Bench) -> None:
    found = desk.page.evaluate(
        """() => [["ф", "KeyA"], ["a", "KeyA"], ["ш", "KeyI"], ["ё", "Backquote"]].map(
            ([key, code]) => chosenBy(new KeyboardEvent("keydown", { key, code }), [
              { key: "a", value: 1 }, { key: "ф", value: 2 }, { key: "i", value: 3 }, { key: "" },
            ])?.value ?? null)"""
    )
    assert found == [2, 1, 3, None]
