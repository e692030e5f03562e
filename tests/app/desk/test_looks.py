"""What is shown and what is not: hostile text, the model's answers, languages, phones, names."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Response, expect

from app.services import Services
from tests.app.desk.browsing import Desk, at_desk, opened, signed_in, turned_to
from tests.app.desk.projects import CHINESE, ONE_LABEL, counting, mails, open_work, said
from tests.app.serving import Server
from tests.app.world import MAIL, person, services_in, set_up

pytestmark = pytest.mark.browser

HOSTILE = (
    '<script>window.hit = 1</script><img src=x onerror="window.hit = 2">'
    '<svg onload="window.hit = 3"></svg> [a link](javascript:window.hit=4) $x^2$ :smile: '
    "**bold** `code` &lt;b&gt;\n\n# heading\n  indented " + "long" * 60
)
HOSTILE_LABEL = "*a* $x$ :smile: <img src=x onerror=window.hit=5>"
NASTY = f"""
project: nasty
title: "<img src=x onerror=window.hit=6> $t$ :smile:"
guideline: "<script>window.hit=8</script> [x](javascript:window.hit=9)"
fields: [text]
import: {{id: id}}
questions:
  - name: topic
    type: single_label
    text: "<b>What</b> *is* it?"
    labels:
      - {{name: "{HOSTILE_LABEL}", description: "**d** [x](javascript:window.hit=7)"}}
      - {{name: other}}
"""
ARM = "\npeople: {mode: MODE}\n"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    services = services_in(tmp_path_factory.mktemp("looks"))
    open_work(services, ONE_LABEL, mails(20))
    open_work(services, NASTY, [{"id": "h", "text": HOSTILE}, {"id": "i", "text": "tame"}])
    open_work(
        services, CHINESE, [{"编号": f"z{n}", "内容": "忘记了密码，\n怎么办？"} for n in (1, 2)]
    )
    set_up(services, MAIL, mails(6), says="money")
    for mode in ("reveal", "suggest"):
        task = MAIL.replace("mails", mode).replace("Mails to the shop", f"Mails, {mode}")
        set_up(services, task + ARM.replace("MODE", mode), mails(6), says="money")
    task = MAIL.replace("mails", "own_key").replace("Mails to the shop", "Mails, keyed")
    task = task.replace("{name: other}", "{name: other, key: a}")
    set_up(services, task + ARM.replace("MODE", "suggest"), mails(3), says="money")
    for name in ("Ann", "Bob", "Cyd"):
        person(services, name)
    return services


@pytest.fixture(scope="module")
def ann(browser: Browser, server: Server) -> Iterator[Desk]:
    """One window that goes from project to project."""
    with at_desk(browser, server, "Ann", "Topics") as desk:
        yield desk


def test_hostile_text_is_text(ann: Desk, services: Services) -> None:
    with turned_to(ann, "<img src=x onerror=window.hit=6> $t$ :smile:") as desk:
        page = desk.page
        while "window.hit" not in desk.item():
            desk.answer("2")
        shown = page.locator(".desk .item")
        assert "<script>window.hit = 1</script><img src=x onerror=" in desk.item()
        assert "$x^2$ :smile: **bold** `code` &lt;b&gt;" in desk.item()
        assert shown.locator("script, img, svg, a, strong").count() == 0
        assert shown.evaluate("e => e.scrollWidth <= e.clientWidth")
        option = page.locator(".desk .option").first
        assert HOSTILE_LABEL in option.inner_text()
        assert "**d** [x](javascript:window.hit=7)" in option.inner_text()
        assert page.locator(".desk .question h2").inner_text() == "<b>What</b> *is* it?"
        assert "<script>window.hit=8</script>" in page.locator(".desk .guide").inner_text()
        assert page.locator(".desk .guide a, .desk img").count() == 0
        desk.press("1", "Enter")
        expect(page.locator(".desk .entry b").first).to_have_text(HOSTILE_LABEL)
        desk.saved()
        assert page.evaluate("window.hit") is None
    assert dict(counting(services, "nasty", "Ann"))["h"] == HOSTILE_LABEL


def test_blind_means_the_answer_of_the_model_is_nowhere(
    browser: Browser, server: Server, services: Services
) -> None:
    """The model says `money` of every item: nothing the browser gets may tell one from another."""
    replies: list[str] = []

    def keep(response: Response) -> None:
        if "/api/" in response.url:
            replies.append(response.text())

    with signed_in(browser, server, "Ann") as context:
        context.on("response", keep)
        desk = opened(context, server, "Mails to the shop")
        desk.ready()
        desk.answer("2")
        desk.saved()
        tasks = [task for reply in replies for task in json.loads(reply).get("tasks", [])]
        assert len(tasks) >= 6
        for task in tasks:
            questions = task.pop("questions")
            assert set(task) == {"id", "attempt", "key", "fields", "order", "mode"}
            assert "money" not in json.dumps(task)
            assert json.dumps(questions).count("money") == 2  # a label, and what it is called
        for reply in map(json.loads, replies):
            for result in reply.get("results", []):
                assert set(result) == {"id", "status"}
        assert "model" not in desk.page.locator(".desk").inner_text().lower()
    exposure = [a.exposure or {} for _, a in said(services, "mails", "Ann")]
    assert [one["shown"] for one in exposure] == ["never"]


def test_what_the_model_said_is_revealed_and_a_second_answer_is_kept_beside(
    ann: Desk, services: Services
) -> None:
    with turned_to(ann, "Mails, reveal") as desk:
        agreed = desk.answer("1")
        desk.sees("The model said the same")
        first = desk.key()
        desk.press("2", "Enter")
        desk.sees("The model says: money")
        desk.sees("You were asked because")
        assert desk.key() == first
        desk.press("1", "Enter")
        expect(desk.page.locator(".desk .meta .key")).not_to_have_text(first)
        second = desk.key()
        desk.press("3", "Enter")
        desk.sees("Keep my answer")
        desk.press("Enter")
        expect(desk.page.locator(".desk .meta .key")).not_to_have_text(second)
        desk.saved()
    found = {(key, a.kind, a.value) for key, a in said(services, "reveal", "Ann")}
    assert found == {
        (agreed, "answer", "money"),
        (first, "answer", "parcel"),
        (first, "second", "money"),
        (second, "answer", "other"),
    }


def test_a_suggestion_is_accepted_with_one_key(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Mails, suggest") as desk:
        desk.sees("The model suggests: money")
        assert desk.page.locator(".desk [aria-checked=true]").count() == 0
        first = desk.key()
        desk.press("a")
        expect(desk.page.locator(".desk .meta .key")).not_to_have_text(first)
        second = desk.answer("3")
        third = desk.key()
        desk.page.get_by_role("button", name="The model suggests: money").click()
        expect(desk.page.locator(".desk .meta .key")).not_to_have_text(third)
        desk.saved()
    found = {key: (a.value, a.exposure or {}) for key, a in said(services, "suggest", "Ann")}
    assert [found[key][0] for key in (first, second, third)] == ["money", "other", "money"]
    assert [found[key][1]["shown"] for key in (first, second)] == ["before", "before"]
    assert found[second][1]["browser"]["touched"] is True
    assert found[first][1]["browser"]["touched"] is False


def test_a_label_keeps_its_own_key_beside_a_suggestion(ann: Desk) -> None:
    with turned_to(ann, "Mails, keyed") as desk:
        offer = desk.page.get_by_role("button", name="The model suggests: money")
        assert offer.locator("kbd").count() == 0
        desk.press("a")
        expect(desk.page.locator(".desk [aria-checked=true]")).to_contain_text("other")


def test_chinese_items_and_a_chinese_screen(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_desk(browser, server, "Bob", "图书馆留言", locale="zh-CN") as desk:
        assert desk.item() == "忘记了密码，\n怎么办？"
        for words in ("提交", "跳过", "撤销", "标注指南", "已全部保存", "最近的答案"):
            desk.sees(words)
        for words in ("标注", "我的反馈", "项目", "Bob · 标注员", "账号", "切换用户"):
            expect(desk.page.get_by_test_id("stSidebar")).to_contain_text(words)
        desk.press("?")
        expect(desk.page.get_by_role("dialog")).to_contain_text("按键与设置")
        desk.page.get_by_role("combobox").select_option("en")
        desk.sees("All saved")
        desk.ready()
        key = desk.answer("2")
        desk.saved()
    assert counting(services, "zh", "Bob") == [(key, "预约")]


def test_a_phone_has_it_all_in_its_width(
    browser: Browser, server: Server, services: Services
) -> None:
    with at_desk(browser, server, "Cyd", "Topics") as desk:
        page, key = desk.page, desk.key()
        desk.press("g")
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.locator(".desk .past")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for box in (one.bounding_box() for one in page.locator(".desk button:visible").all()):
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
            assert box["y"] + box["height"] <= 844
        page.get_by_role("radio", name="parcel").click()
        page.get_by_role("button", name="Submit").click()
        expect(page.locator(".desk .meta .key")).not_to_have_text(key)
        desk.saved()
        keys = page.locator(".desk .option .keys").first
        expect(keys).to_be_hidden()
        page.set_viewport_size({"width": 640, "height": 844})  # or a desktop's, zoomed to 200 %
        expect(keys).to_be_visible()
    assert counting(services, "topics", "Cyd") == [(key, "parcel")]


def test_everything_has_a_name_and_the_focus_can_be_seen(ann: Desk) -> None:
    with turned_to(ann, "Topics") as desk:
        page = desk.page
        nameless = page.evaluate(
            """[...document.querySelectorAll(".desk :is(button, input, textarea, [role])")]
                 .filter((one) => one.checkVisibility() && one.getAttribute("role") !== "status")
                 .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim()))
                 .map((one) => one.outerHTML)"""
        )
        assert nameless == []
        page.locator(".desk").focus()
        seen = []
        for _ in range(40):
            desk.press("Tab")
            at = page.evaluate(
                """(() => {
                  const one = document.activeElement, style = getComputedStyle(one);
                  const words = one.getAttribute("aria-label") || one.textContent.trim();
                  return [one.closest(".desk") !== null, words.split("\\n")[0], style.outlineStyle];
                })()"""
            )
            if not at[0]:
                break
            seen.append(at[1])
            assert at[2] == "solid", at
        order = ("Guideline", "money", "Submit", "Note")
        places = [next(n for n, words in enumerate(seen) if name in words) for name in order]
        assert places == sorted(places)
        moved = [desk.page.locator(".desk .to-submit").bounding_box()]
        for label in "121":
            desk.answer(label)
            moved.append(desk.page.locator(".desk .to-submit").bounding_box())
        assert all(box == moved[0] for box in moved)


def test_words_have_enough_contrast(ann: Desk) -> None:
    """WCAG AA: 4.5 to 1, of the colours as they are drawn."""
    assert poor_words(ann) == []


def test_words_have_enough_contrast_in_the_dark(browser: Browser, server: Server) -> None:
    with at_desk(browser, server, "Ann", "Topics", scheme="dark") as desk:
        assert poor_words(desk) == []


def poor_words(desk: Desk) -> list[str]:
    """What is drawn with too little contrast, of answers that are chosen and suggested."""
    poor: list[str] = []
    for project, digit in (("Topics", "1"), ("Mails, suggest", "2")):
        with turned_to(desk, project):
            if project == "Mails, suggest":
                desk.sees("The model suggests")
            desk.press(digit)
            poor += desk.page.evaluate(CONTRAST)
    return poor


CONTRAST = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const one = (c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * one(r) + 0.7152 * one(g) + 0.0722 * one(b);
  };
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const color = rgba(getComputedStyle(one).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.querySelector(".desk"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
    if (node.closest(":disabled")) continue;
    const [a, b] = [light(rgba(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${walker.currentNode.data}`);
  }
  return poor;
})()"""
