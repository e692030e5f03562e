"""The text widget and its comparison in a real Chromium."""

from __future__ import annotations

import difflib
import itertools
import random
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.app.widgets.world import Bench, bench, text_field

pytestmark = pytest.mark.browser


DRAFT = "We has send it.\r\nBye 😀"


def write(desk: Bench, draft: str = DRAFT, **spec: Any) -> None:
    question = {"name": "a", "type": "text", "text": "Right?", "draft": "reply", "max": 40}
    desk.put(question | spec, [text_field(draft, "reply")])


def test_accept_correct_reject(desk: Bench) -> None:
    write(desk)
    assert desk.value() is None
    assert desk.problem() == "Accept the draft, correct it or reject it first"
    desk.press("a")
    assert desk.value() == {"verdict": "accept", "text": DRAFT}
    desk.press("x")
    assert desk.value() == {"verdict": "reject", "text": ""}
    desk.press("e", "Control+End")
    desk.page.keyboard.type("! a x")
    assert desk.value() == {"verdict": "fix", "text": "We has send it.\nBye 😀! a x"}
    assert desk.problem() is None
    pressed = desk.page.locator("[aria-pressed=true]").all_inner_texts()
    assert [one.split("\n")[0] for one in pressed] == ["Correct"]
    desk.press("Control+Enter")
    assert desk.page.evaluate("() => window.submits") == 1
    desk.press("Escape", "a")
    assert desk.value() == {"verdict": "accept", "text": DRAFT}


def test_undo_in_the_field_is_the_browsers_own(desk: Bench) -> None:
    write(desk)
    desk.press("e", "Control+End")
    desk.page.keyboard.type("!")
    desk.press("Escape", "a", "e", "Control+z")
    assert desk.page.locator("textarea").input_value() == "We has send it.\nBye 😀!"
    assert desk.value()["verdict"] == "fix"


def test_what_is_corrected_back_is_undecided(desk: Bench) -> None:
    write(desk)
    desk.press("e", "Control+End", "x", "Backspace")
    assert desk.value() is None


def test_how_long_a_text_may_be(desk: Bench) -> None:
    write(desk, max=10, min=3)
    count = desk.page.locator(".ca-count")
    desk.page.locator("textarea").fill("😀" * 11)
    expect(count).to_have_text("11 of 10 characters")
    assert desk.problem() == "11 characters are too many: at most 10"
    desk.page.locator("textarea").fill("😀" * 2)
    assert desk.problem() == "2 characters are too few: at least 3"
    desk.page.locator("textarea").fill("  ")
    assert desk.problem() == "Nothing is left of the draft. Write something, or reject it"


def test_writing_from_nothing(desk: Bench) -> None:
    desk.put({"name": "a", "type": "text", "text": "Why?"})
    assert desk.problem() == "Write something first"
    desk.page.keyboard.type("ax\n你好")
    assert desk.value() == {"verdict": "write", "text": "ax\n你好"}
    expect(desk.page.locator(".ca-count")).to_have_text("5 characters")
    assert desk.page.locator(".ca-compare").is_hidden()


def test_the_models_draft_and_what_was_kept(desk: Bench) -> None:
    spec = {"name": "a", "type": "text", "text": "Right?", "draft": "model", "max": 99}
    desk.put(spec, suggestion={"verdict": "write", "text": "draft"})
    desk.set({"verdict": "fix", "text": "kept"})
    assert desk.value() == {"verdict": "fix", "text": "kept"}
    assert desk.page.locator(".ca-diff del").inner_text() == "draft"
    assert desk.page.locator(".ca-diff ins").inner_text() == "kept"


def test_keys_while_a_word_is_composed_are_not_ours(desk: Bench) -> None:
    write(desk)
    desk.press("e")
    desk.page.evaluate(
        "() => document.querySelector('textarea').dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'Escape', bubbles: true, isComposing: true }))"
    )
    expect(desk.page.locator("textarea")).to_be_focused()


def test_changes_are_shown_word_by_word(desk: Bench) -> None:
    write(desk, draft="We has send it <b>. 忘记密码", max=99)
    desk.page.locator("textarea").fill("We have sent it <b>. 忘了密码")
    parts = desk.page.evaluate(
        "() => [...document.querySelector('.ca-diff').childNodes].map("
        "(n) => [n.nodeName, n.textContent])"
    )
    assert parts == [
        ["#text", "We "],
        ["DEL", "has send"],
        ["INS", "have sent"],
        ["#text", " it <b>. 忘"],
        ["DEL", "记"],
        ["INS", "了"],
        ["#text", "密码"],
    ]


# ---- the comparison itself


def compared(desk: Bench, before: str, after: str) -> list[tuple[str, str]]:
    parts = desk.page.evaluate("([a, b]) => diff(a, b)", [before, after])
    return [(part["kind"], part["text"]) for part in parts]


def joined(parts: list[tuple[str, str]], *kinds: str) -> str:
    return "".join(text for kind, text in parts if kind in kinds)


def test_a_comparison_holds_both_texts(desk: Bench) -> None:
    """And keeps about as much as difflib does, whose matches are not the longest possible."""
    chance = random.Random(5)
    signs = ["a ", "b ", "c", "\n", "好", "😀", "é", "👩‍👩‍👧", "don't ", "x_1", "\r\n", "\t", "，"]
    for _ in range(150):
        before = "".join(chance.choices(signs, k=chance.randrange(30)))
        after = "".join(sign for sign in before if chance.random() < 0.8)
        after += "".join(chance.choices(signs, k=chance.randrange(5)))
        parts = compared(desk, before, after)
        assert joined(parts, "same", "gone") == before
        assert joined(parts, "same", "new") == after
        assert all(text for _, text in parts)
        kinds = [kind for kind, _ in parts]
        assert all(one != next_ for one, next_ in itertools.pairwise(kinds))
    words = [f"w{n % 50} " for n in range(400)]
    changed = [word for n, word in enumerate(words) if n % 9] + ["end"]
    matcher = difflib.SequenceMatcher(None, words, changed, autojunk=False)
    kept = sum(len(words[m.a]) * m.size for m in matcher.get_matching_blocks() if m.size)
    assert len(joined(compared(desk, "".join(words), "".join(changed)), "same")) > 0.9 * kept


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (" ".join(f"w{n * 7919 % 9973}" for n in range(20_000)), "x " * 20_000),
        ("\n".join(map(str, range(20_000))), "\n".join(map(str, range(20_000, 0, -1)))),
        ("a" * 500_000, "a" * 499_999 + "b"),
        ("", "new"),
        ("gone", ""),
        ("", ""),
        ("same", "same"),
    ],
)
def test_unlike_and_huge_texts_are_compared(desk: Bench, before: str, after: str) -> None:
    parts = compared(desk, before, after)
    assert joined(parts, "same", "gone") == before
    assert joined(parts, "same", "new") == after


# ---- languages


def test_the_interface_speaks_chinese(browser: Browser) -> None:
    with bench(browser, language="zh") as desk:
        write(desk)
        assert desk.problem() == "请先接受、修改或拒绝草稿"
        desk.mark("你好")
        assert desk.page.locator(".ca-none").inner_text().startswith("没有可标注的内容")
