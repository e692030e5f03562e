"""Spans by mouse and keyboard in a real Chromium: offsets are those of a Python str."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.app.widgets.world import Bench

pytestmark = pytest.mark.browser

FAMILY = "👩‍👩‍👧"
NASTY = [
    ("Ada met Bob in Rome", "met Bob"),
    (f"Hi 😀 {FAMILY} Ada 🇩🇪 end", "Ada"),
    (f"😀😀 {FAMILY} x", FAMILY),
    ("cafe\u0301 nai\u0308ve re\u0301sume\u0301", "nai\u0308ve"),
    ("first\n\nsecond 😀 line\nthird", "line"),
    ("李小龙 出生 于 旧金山", "旧金山"),
    ("שלום עולם טוב", "עולם"),
    ("قال ابن سينا هذا", "سينا"),
    ("tab\there\r\nnew \x00 x\x1by 𝒜𝒷 z", "𝒜𝒷"),
    ("a\u202eb c\u202c d", "d"),
]


def at(text: str, part: str) -> tuple[int, int]:
    start = text.index(part)
    return start, start + len(part)


# ---- by mouse


@pytest.mark.parametrize(("text", "part"), NASTY)
def test_a_drag_marks_whole_words(desk: Bench, text: str, part: str) -> None:
    desk.mark(text)
    start, end = at(text, part)
    desk.drag(text, start, end)
    desk.press("1")
    assert desk.value() == [{"start": start, "end": end, "label": "a"}]


def test_a_drag_over_parts_of_words_takes_the_words(desk: Bench) -> None:
    text = "Ada met Bob in Rome"
    desk.mark(text)
    desk.drag(text, 5, 10)
    desk.press("1")
    assert desk.said(text) == [("a", "met Bob")]


def test_with_alt_a_drag_is_exact_but_never_cuts_a_character(desk: Bench) -> None:
    text = f"Unbelievable {FAMILY}cafe\u0301s"
    desk.mark(text)
    start, end = at(text, "believ")
    desk.drag(text, start, end, keys=["Alt"])
    desk.press("1")
    start, end = at(text, f"{FAMILY}caf")
    desk.drag(text, start, end, keys=["Alt"])
    desk.press("2")
    assert desk.said(text) == [("a", "believ"), ("b", f"{FAMILY}caf")]


def test_a_click_picks_the_span_and_a_label_button_changes_it(desk: Bench) -> None:
    text = "Ada met Bob"
    desk.mark(text)
    desk.set([{"start": 0, "end": 3, "label": "a"}])
    desk.drag(text, 1, 2)
    desk.page.mouse.click(0, 0)
    desk.drag(text, 1, 1)  # no drag: a click
    desk.page.get_by_role("button", name="b", exact=True).click()
    assert desk.said(text) == [("b", "Ada")]


# ---- by keyboard


def test_words_are_walked_and_marked(desk: Bench) -> None:
    text = "Ada Lovelace met Bob."
    desk.mark(text)
    desk.press("Shift+ArrowRight", "1", "ArrowRight", "ArrowRight", "2")
    assert desk.said(text) == [("a", "Ada Lovelace"), ("b", "Bob")]
    desk.press("ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "b")
    assert desk.said(text) == [("a", "Ada Lovelace"), ("b", "Bob")]
    assert desk.changes() == 2


@pytest.mark.parametrize(("text", "part"), NASTY)
def test_every_word_can_be_reached(desk: Bench, text: str, part: str) -> None:
    """Forwards in reading order: in lines that read from right to left that is to the left."""
    desk.mark(text)
    forward = "ArrowLeft" if part in ("עולם", "سينا") else "ArrowRight"
    found = []
    for _ in range(len(text.split()) + 6):
        desk.press("1")
        found = desk.said(text)
        desk.press(forward)
    assert "".join(word for _, word in found) == "".join(
        sign for sign in text if sign not in " \t\r\n"
    )


def test_characters_with_ctrl_or_alt(desk: Bench) -> None:
    text = f"ab{FAMILY}e\u0301c 中文字"
    desk.mark(text)
    desk.press("Control+ArrowRight", "Control+ArrowRight", "Control+ArrowRight", "1")
    desk.press("Alt+Shift+ArrowRight", "2")
    assert desk.said(text) == [("a", FAMILY), ("b", f"{FAMILY}e\u0301")]
    desk.set(None)
    desk.press("End", "Control+ArrowLeft", "1")
    assert desk.said(text) == [("a", "字")]


def test_lines_are_climbed(desk: Bench) -> None:
    text = "abc def ghi\nbac efd hig\ncab fde igh"
    desk.mark(text)
    desk.press("ArrowRight", "ArrowDown", "1", "ArrowDown", "Shift+ArrowUp", "2")
    assert desk.said(text) == [("a", "efd"), ("b", "efd hig\ncab fde")]


def test_a_key_of_its_own(desk: Bench) -> None:
    desk.mark("Ada", {"value": "person", "title": "Person", "key": "p"}, "place")
    desk.press("p")
    assert desk.said("Ada") == [("person", "Ada")]


def test_a_bracket_that_takes_alt_gr_still_goes_from_span_to_span(desk: Bench) -> None:
    """Windows tells AltGr as Ctrl and Alt together; the arrows would take that for `exact`."""
    text = "Ada met Bob"
    desk.mark(text)
    desk.press("1", "ArrowRight", "ArrowRight", "1")
    desk.page.evaluate(
        """() => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {
            key: "[", code: "Digit8", ctrlKey: true, altKey: true, modifierAltGraph: true,
            bubbles: true, composed: true,
        }))"""
    )
    desk.press("2")
    assert sorted(desk.said(text)) == [("a", "Bob"), ("b", "Ada")]


def test_delete_removes_and_backspace_does_not(desk: Bench) -> None:
    text = "Ada met Bob"
    desk.mark(text)
    desk.press("1", "Backspace")
    assert desk.said(text) == [("a", "Ada")]
    desk.press("Delete")
    assert desk.value() == []
    desk.press("Control+z")
    assert desk.said(text) == [("a", "Ada")]


def test_edges_are_moved_and_labels_changed(desk: Bench) -> None:
    text = "one two three four five"
    desk.mark(text)
    desk.set([{"start": 4, "end": 13, "label": "a"}])
    desk.press("]", "Shift+ArrowRight")
    assert desk.said(text) == [("a", "two three four")]
    desk.press("Home", "Shift+ArrowRight", "Alt+Shift+ArrowRight")
    assert desk.said(text) == [("a", "hree four")]
    desk.press("Shift+ArrowLeft", "Shift+ArrowLeft", "End", "Shift+ArrowLeft", "2")
    assert desk.said(text) == [("b", "two three")]


def test_walking_from_span_to_span(desk: Bench) -> None:
    text = "one two three"
    desk.mark(text)
    desk.set([{"start": 0, "end": 3, "label": "a"}, {"start": 8, "end": 13, "label": "a"}])
    desk.press("[", "Delete")
    assert desk.said(text) == [("a", "one")]


def test_what_is_selected_is_read_out(desk: Bench) -> None:
    desk.mark("Ada met Bob")
    desk.press("ArrowRight", "Shift+ArrowRight")
    expect(desk.page.locator(".ca-voice")).to_have_text("met Bob")
    desk.press("1")
    expect(desk.page.locator(".ca-status")).to_have_text("Marked a: met Bob")


# ---- overlaps


def test_overlaps_lie_on_lines_of_their_own(desk: Bench) -> None:
    desk.mark("one two three")
    spans = [(0, 7, "a"), (4, 13, "b"), (4, 7, "a")]
    desk.set([{"start": s, "end": e, "label": label} for s, e, label in spans])
    strokes = desk.page.locator(".ca-stroke")
    boxes = [one.bounding_box() for one in strokes.all()]
    bottoms = {box["y"] + box["height"] for box in boxes if box is not None}
    assert len(bottoms) == 3
    assert desk.value() == [{"start": s, "end": e, "label": label} for s, e, label in sorted(spans)]


def test_overlaps_that_are_not_wanted_are_refused_in_words(desk: Bench) -> None:
    text = "one two three"
    desk.mark(text, overlap=False)
    desk.press("Shift+ArrowRight", "1", "ArrowLeft", "1")
    assert desk.said(text) == [("a", "one two")]
    expect(desk.page.locator(".ca-status")).to_have_text(
        "Spans may not overlap here. Remove the other one first, with Delete"
    )
    desk.press("Shift+ArrowRight", "2")  # the same stretch: another label
    assert desk.said(text) == [("b", "one two")]


# ---- nothing, and the list


def test_nothing_to_mark_must_be_said(desk: Bench) -> None:
    desk.mark("one")
    assert desk.value() is None
    assert desk.problem() == "Mark something first, or say that there is nothing to mark"
    desk.press("0")
    assert desk.value() == []
    assert desk.problem() is None


def test_the_list_names_and_removes(desk: Bench) -> None:
    text = "one two three"
    desk.mark(text)
    desk.set([{"start": 0, "end": 3, "label": "a"}, {"start": 4, "end": 7, "label": "b"}])
    desk.page.get_by_role("button", name="Remove a: one").click()
    assert desk.said(text) == [("b", "two")]
    expect(desk.page.locator(".ca-list li")).to_have_count(1)


def test_what_was_set_comes_back_as_it_was(desk: Bench) -> None:
    text = f"😀{FAMILY}\r\nא中𝒜x\x00" * 3
    desk.mark(text)
    given = [{"start": n, "end": n + 1, "label": "a"} for n in range(len(text))]
    desk.set(given)
    assert desk.value() == given


@pytest.mark.parametrize(
    "text",
    ["many words " * 2_000, "😀" * 9_000, "e\u0301" * 9_000, "汉" * 17_000, "👩\u200d👧" * 4_000],
)
def test_a_line_longer_than_anybody_writes_is_laid_out_in_pieces(desk: Bench, text: str) -> None:
    """To lay out one of a megabyte takes half a minute. Offsets stay those of the text."""
    desk.mark(text)
    rows = desk.page.locator(".ca-lines > div").all_text_contents()
    assert "".join(rows) == text
    assert len(rows) > 2
    assert max(map(len, rows)) <= 8_000
    assert not any(row[0] in "\u0301\u200d" for row in rows)
    over = len(rows[0])
    span = {"start": over - 20, "end": over + 20, "label": "a"}
    desk.set([span])
    assert desk.value() == [span]
    assert desk.page.locator(".ca-stroke").count() >= 2
    desk.set([])
    desk.press("End", "1", "ArrowRight", "1")
    first, second = desk.value()
    assert first["end"] in (over, over - 1)
    assert second["start"] == over


def test_the_text_is_never_redrawn(desk: Bench) -> None:
    text = "The quick brown fox 😀 jumps.\n" * 7_000
    desk.mark(text)
    desk.page.evaluate(
        "() => { window.redrawn = 0; new MutationObserver((all) => (window.redrawn += all.length))"
        ".observe(document.querySelector('.ca-lines'), "
        "{ childList: true, subtree: true, characterData: true }); }"
    )
    end = len(text)
    desk.set([{"start": end - 7, "end": end - 2, "label": "b"}])
    desk.press("]", "ArrowRight", "Shift+ArrowLeft", "1")
    assert desk.said(text) == [("b", "jumps"), ("a", "jumps.")]
    assert desk.page.evaluate("() => window.redrawn") == 0
    visible = desk.page.locator(".ca-cursor").last
    expect(visible).to_be_in_viewport()
