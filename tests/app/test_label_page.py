"""The labelling page: what keys and clicks store, and what the page says when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from annotate.workflow.labelling import assign
from app import state
from app.services import Services
from tests.app.world import (
    CHINESE,
    MAIL,
    REPLIES,
    Clock,
    answers,
    mails,
    person,
    seen_by,
    services_in,
    set_up,
)


def run_page(services: object) -> None:  # this text runs alone: it knows no names from above
    from app.pages import label

    label.page(services)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Services:
    return services_in(tmp_path, now=clock)


def opened(services: Services, name: str = "Ann") -> AppTest:
    """The page as this annotator sees it."""
    page = AppTest.from_function(run_page, kwargs={"services": seen_by(services, name)})
    return page.run()


def press(page: AppTest, *titles: str) -> AppTest:
    """Click the buttons whose labels begin so, one run each."""
    for title in titles:
        button(page, title).click()
        page.run()
        assert not page.exception
    return page


def button(page: AppTest, title: str) -> Button:
    found = [b for b in page.button if b.label.strip("*").startswith(title)]
    assert len(found) == 1, [b.label for b in page.button]
    return found[0]


def shown(page: AppTest) -> str:
    """All HTML on the page."""
    return "\n".join(str(element.proto.body) for element in page.get("html"))


def item_shown(page: AppTest) -> str:
    return shown(page).split('class="item-text" dir="auto" lang="en">')[1].split("<")[0]


def test_an_answer_is_stored_with_its_time(services: Services, clock: Clock) -> None:
    set_up(services, MAIL, mails(3))
    page = opened(services)
    first = item_shown(page)
    clock.forward(seconds=4)
    press(page, "parcel")
    clock.forward(seconds=2.5)
    press(page, "Submit")
    (stored,) = answers(services, "mails")
    assert (stored.value, stored.kind, stored.seconds) == ("parcel", "answer", 6.5)
    with services.open("mails") as (store, _):
        item = store.items.get(stored.item_id)
    assert item is not None
    assert item.fields["text"] == first
    assert item_shown(page) != first
    assert "Saved: parcel" in shown(page)
    assert "<b>1</b> answered today" in shown(page)
    assert "<b>2</b> waiting" in shown(page)


def test_the_chosen_label_is_marked(services: Services) -> None:
    set_up(services, MAIL, mails(1))
    page = press(opened(services), "money", "other")
    kinds = {b.label: b.proto.type for b in page.button}
    assert kinds["**other**"] == "primary"
    assert kinds["**parcel**"] == "secondary"
    assert "Anything that is paid\\." in next(iter(kinds))


def test_submit_without_a_choice_stores_nothing(services: Services) -> None:
    set_up(services, MAIL, mails(1))
    page = press(opened(services), "Submit")
    assert "Choose an answer first" in shown(page)
    assert answers(services, "mails") == []


def test_a_second_click_on_what_is_settled_does_nothing(services: Services) -> None:
    set_up(services, MAIL, mails(3))
    page = press(opened(services), "parcel")
    desk = page.session_state[f"{state.DESK} mails {person(services, 'Ann').id}"]
    answer_id = desk.answer_id
    desk.ask("submit", answer_id)
    desk.ask("submit", answer_id)
    desk.ask("skip", answer_id)
    page.run()
    assert [a.value for a in answers(services, "mails")] == ["parcel"]
    assert not page.error
    desk.choose(answer_id, "money")
    page.run()
    assert desk.chosen is None


def test_several_choices_at_once_are_asked_again(services: Services) -> None:
    set_up(services, MAIL, mails(1))
    page = press(opened(services), "other")
    desk = page.session_state[f"{state.DESK} mails {person(services, 'Ann').id}"]
    desk.ask("submit", desk.answer_id)
    desk.choose(desk.answer_id, "money")
    desk.choose(desk.answer_id, "parcel")
    page.run()
    assert "Several keys at once: choose again" in shown(page)
    assert answers(services, "mails") == []
    assert desk.chosen is None
    press(page, "money")
    assert "choose again" not in shown(page)
    press(page, "Submit")
    assert [a.value for a in answers(services, "mails")] == ["money"]


def test_the_next_item_begins_with_nothing_chosen(services: Services) -> None:
    set_up(services, MAIL, mails(2))
    page = press(opened(services), "parcel", "Submit", "Submit")
    assert len(answers(services, "mails")) == 1
    assert "Choose an answer first" in shown(page)


def test_a_lost_item_is_told_and_its_choice_goes_nowhere(services: Services, clock: Clock) -> None:
    set_up(services, MAIL, mails(2))
    page = press(opened(services), "parcel")
    lost = item_shown(page)
    clock.forward(hours=1)
    with services.open("mails") as (store, project):
        other = person(services, "Bob")
        taken = [assign(store, project, actor=other, now=clock()) for _ in range(2)]
        assert taken[0] is not None
        if taken[0].item.fields["text"] != lost:  # the other one came first: Ann's is next
            pytest.fail("an expired lease goes back to its place at the front")
    press(page, "Submit")
    assert "no longer yours" in page.error[0].value
    assert answers(services, "mails") == []
    assert item_shown(page) != lost
    press(page, "Submit")
    assert "Choose an answer first" in shown(page)


def test_undo_brings_the_item_back(services: Services, clock: Clock) -> None:
    set_up(services, MAIL, mails(2))
    page = opened(services)
    first = item_shown(page)
    press(page, "money", "Submit")
    clock.forward(seconds=1)
    press(page, "Undo")
    assert item_shown(page) == first
    assert "Taken back" in shown(page)
    press(page, "other", "Submit")
    given = [(a.value, a.undone_at is None) for a in answers(services, "mails")]
    assert sorted(given) == [("money", False), ("other", True)]


def test_undo_is_off_before_the_first_answer(services: Services) -> None:
    set_up(services, MAIL, mails(1))
    assert button(opened(services), "Undo").disabled


def test_skipped_items_are_for_others(services: Services) -> None:
    set_up(services, MAIL, mails(1))
    page = press(opened(services), "Skip")
    assert [(a.kind, a.value) for a in answers(services, "mails")] == [("skip", None)]
    assert "Nothing left for you" in shown(page)
    assert "1 more wait, but you have skipped or answered those" in shown(page)
    assert "Mail number 0" in item_shown(opened(services, "Bob"))


@pytest.mark.parametrize(
    ("upto", "title"),
    [
        ("nothing", "No items yet"),
        ("import", "Nothing has been sent to people yet"),
    ],
)
def test_an_empty_queue_says_why(services: Services, upto: str, title: str) -> None:
    set_up(services, MAIL, mails(2), upto=upto)
    assert title in shown(opened(services))


def test_the_end_of_the_queue_says_so(services: Services) -> None:
    set_up(services, MAIL, mails(1))
    bob = opened(services, "Bob")
    assert "Nothing left for you right now" in shown(opened(services))
    press(bob, "parcel", "Submit")
    assert "All done" in shown(opened(services))


def test_nobody_needed_says_so(services: Services) -> None:
    set_up(services, MAIL.replace("budget: 1.0", "budget: 0.0"), mails(2))
    assert "Nothing for people" in shown(opened(services))


@pytest.mark.parametrize(("title", "value"), [("A", "a"), ("B", "b"), ("Tie", "tie")])
def test_a_preference_is_stored_by_its_letter(services: Services, title: str, value: str) -> None:
    set_up(services, REPLIES, [{"id": "r", "prompt": "Say hi", "one": "Hi.", "two": "Hello!"}])
    page = opened(services)
    html = shown(page)
    assert html.index("Say hi") < html.index(">A<") < html.index(">Hi.<") < html.index(">Hello!<")
    assert [b.proto.shortcut for b in page.button] == ["1", "2", "0", "enter", "s", "u"]
    press(page, title, "Submit")
    assert [a.value for a in answers(services, "replies")] == [value]
    assert f"Saved: {title}" in shown(page)
    assert f'<b dir="auto">{title}</b><span dir="auto">Say hi</span>' in shown(page)


def test_fields_stand_in_the_projects_order(services: Services) -> None:
    task = MAIL.replace("fields: [text]", "fields: [title, body]")
    set_up(services, task, [{"id": "m", "title": "First", "body": "Second"}])
    html = shown(opened(services))
    assert html.index(">title<") < html.index(">First<") < html.index(">body<")
    assert html.index(">body<") < html.index(">Second<")


def test_chinese_is_shown_in_its_language(services: Services) -> None:
    set_up(services, CHINESE, [{"编号": "z1", "内容": "忘记了密码，\n怎么办？"}])
    page = opened(services)
    assert 'lang="zh">忘记了密码，\n怎么办？</div>' in shown(page)
    press(page, "预约", "Submit")
    assert [a.value for a in answers(services, "zh")] == ["预约"]


HOSTILE = (
    '<script>window.hit = 1</script><img src=x onerror="window.hit = 2"> '
    "[link](javascript:alert(1)) $x^2$ :smile: **bold** `code` &lt;b&gt;\n# heading"
)


def test_item_text_is_escaped(services: Services) -> None:
    set_up(services, MAIL, [{"id": "h", "text": HOSTILE}])
    html = shown(opened(services))
    assert "&lt;script&gt;window.hit = 1&lt;/script&gt;&lt;img src=x onerror=" in html
    assert "$x^2$ :smile: **bold** `code` &amp;lt;b&amp;gt;\n# heading</div>" in html
    assert "<script" not in html
    assert "<img" not in html


def test_project_words_are_escaped(services: Services) -> None:
    task = MAIL.replace("name: parcel", 'name: "*a* :smile: $x$"').replace(
        "What is it about?", "<b>What</b> :smile:?"
    )
    set_up(services, task, mails(1))
    page = opened(services)
    assert "&lt;b&gt;What&lt;/b&gt; :smile:?" in shown(page)
    assert "**\\*a\\* \\:smile\\: \\$x\\$**" in [b.label for b in page.button]
    assert "A refund of \\$5 or \\$10 is *money*." in page.markdown[0].value


def test_what_the_model_said_changes_nothing_on_the_page(tmp_path: Path) -> None:
    pages, said = [], []
    for name in ("money", "other"):
        (tmp_path / name).mkdir()
        services = services_in(tmp_path / name)
        set_up(services, MAIL, mails(3), says=name)
        page = opened(services)
        pages.append((shown(page), [b.label for b in page.button], len(list(page.main))))
        with services.open("mails") as (store, _):
            said.append([d.model_value for d in store.decisions.current("mails", "topic")])
    assert said == [["money"] * 3, ["other"] * 3]
    assert pages[0] == pages[1]
