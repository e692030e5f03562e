"""Fields and the text widget in a real Chromium: nothing is lost, run or sent."""

from __future__ import annotations

import difflib
import itertools
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from annotate.fields import nodes
from tests.app.widget_world import Bench, Field, bench, chromium, text_field
from tests.small import item, small_project

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOSTILE = (
    '<script>window.hit = 1</script><img src=x onerror="window.hit = 2">'
    '<svg onload="window.hit = 3"></svg> [a](javascript:window.hit=4) '
    "![b](http://elsewhere.test/x.png) <iframe src=http://elsewhere.test></iframe>"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def page_of_all(browser: Browser) -> Iterator[Bench]:
    with bench(browser) as opened:
        yield opened


@pytest.fixture
def desk(page_of_all: Bench) -> Iterator[Bench]:
    page_of_all.clear()
    yield page_of_all
    assert page_of_all.wrong() == []


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


# ---- texts


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
