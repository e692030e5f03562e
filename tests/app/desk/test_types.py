"""Every question type of labels, scales and responses, answered by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from app.services import Services
from tests.app.desk import projects
from tests.app.desk.browsing import Desk, at_desk, turned_to
from tests.app.desk.projects import counting, mails, open_work, said
from tests.app.serving import Server
from tests.app.world import person, services_in

pytestmark = pytest.mark.browser

PAIRS = [
    {"id": f"r{n}", "prompt": f"Say {n}", "one": f"one {n}", "two": f"two {n}", "three": "three"}
    for n in range(4)
]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    services = services_in(tmp_path_factory.mktemp("types"))
    for task in (
        projects.PREFERENCE, projects.STRENGTH, projects.RANKING, projects.SAME_RESPONSES
    ):  # fmt: skip
        open_work(services, task, PAIRS)
    for task in (projects.ONE_LABEL, projects.MANY_LABELS, projects.SEVERAL_LABELS):
        open_work(services, task, mails(6))
    for task in (projects.RATING, projects.SEVERAL_QUESTIONS):
        open_work(services, task, mails(6))
    person(services, "Ann")
    return services


@pytest.fixture(scope="module")
def ann(browser: Browser, server: Server) -> Iterator[Desk]:
    """One window that goes from project to project."""
    with at_desk(browser, server, "Ann") as desk:
        yield desk


def test_one_label(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Topics") as desk:
        keys = [desk.answer("1")]
        desk.numpad("2")
        keys += [desk.answer(), desk.answer("o"), desk.answer("1", "3")]
        desk.saved()
        assert desk.last() == ["other", "other", "parcel", "money"]
        desk.page.reload()
        expect(desk.page.locator(".desk h1")).to_have_text("Topics")  # and not the first project
    values = ["money", "parcel", "other", "other"]
    assert counting(services, "topics", "Ann") == list(zip(keys, values, strict=True))
    found = said(services, "topics", "Ann")
    assert all(a.seconds is not None and 0 < a.seconds < 120 for _, a in found)


def test_more_labels_than_digits(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Intents") as desk:
        first = desk.answer("0")
        desk.press("/")
        desk.page.keyboard.type("lost")
        expect(desk.page.locator(".desk .option:visible")).to_have_count(1)
        desk.press("Enter")
        expect(desk.page.locator(".desk .option[aria-checked=true]")).to_have_text("lost phone")
        second = desk.answer()
        desk.saved()
    found = counting(services, "intents", "Ann")
    assert found == [(first, "declined"), (second, "lost phone")]


def test_several_labels(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Touches") as desk:
        first = desk.answer("3", "p")
        desk.press("1", "2", "3", "Enter")
        desk.sees("Choose at most 2")
        second = desk.answer("1")
        desk.press("1", "1", "Enter")
        desk.sees("Choose an answer first, or that none fits")
        third = desk.answer("0")
        desk.saved()
    assert counting(services, "touches", "Ann") == [
        (first, ["price", "service"]),
        (second, ["taste", "service"]),
        (third, []),
    ]


def test_a_rating_of_two_aspects(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Quality") as desk:
        first = desk.answer("4", "2")
        desk.press("5", "Enter")
        desk.sees("Still open: Facts")
        second = desk.answer("+", "+", "ArrowUp", "-")
        desk.saved()
    assert counting(services, "quality", "Ann") == [
        (first, {"tone": 4, "facts": 2}),
        (second, {"tone": 4, "facts": 2}),
    ]


def test_a_preference_goes_by_place_and_is_stored_by_letter(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Better") as desk:
        shown, keys = [], []
        for key in ("1", "2", "0"):
            left, right = desk.page.locator(".desk .response").all()
            boxes = left.bounding_box(), right.bounding_box()
            assert boxes[0] is not None
            assert boxes[1] is not None
            assert boxes[0]["y"] == boxes[1]["y"]
            assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
            shown.append("a" if "one" in left.inner_text() else "b")
            keys.append(desk.answer(key))
        desk.saved()
    other = {"a": "b", "b": "a"}
    values = [shown[0], other[shown[1]], "tie"]
    assert counting(services, "better", "Ann") == list(zip(keys, values, strict=True))
    orders = [
        (a.exposure or {})["browser"]["order"]["better"] for _, a in said(services, "better", "Ann")
    ]
    assert [order[0] for order in orders] == shown


def test_the_strength_of_a_preference(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Stronger") as desk:
        order = desk.page.locator(".desk .response").first.inner_text()
        letter = "a" if "one" in order else "b"
        first = desk.answer("1", "1", "1")
        second = desk.answer("2", "0")
        desk.saved()
    assert counting(services, "stronger", "Ann") == [
        (first, {"choice": letter, "strength": 3}),
        (second, {"choice": "tie"}),
    ]


def test_a_ranking(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Ranks") as desk:
        cards = [card.inner_text() for card in desk.page.locator(".desk .response").all()]
        letters = [
            "abc"[[w in text for w in ("one", "two", "three")].index(True)] for text in cards
        ]
        desk.press("3", "Enter")
        desk.sees("Rank every response")
        key = desk.answer("1")
        desk.saved()
    assert counting(services, "ranks", "Ann") == [(key, [letters[2], letters[0], letters[1]])]


def test_each_text_stands_on_the_screen_once(ann: Desk, services: Services) -> None:
    """A field that is marked only under a condition is there before, by its name; two questions
    about the same responses share the cards, each with its own marks."""
    with turned_to(ann, "Same") as desk:
        page = desk.page
        names = page.locator(".desk .item .ca-name:visible").get_by_text("one", exact=True)
        cards = page.locator(".desk .response:visible")
        expect(names).to_have_count(1)
        expect(page.locator(".desk .ca-spans")).to_be_hidden()
        expect(cards).to_have_count(3)
        desk.press("1", "1", "Enter")
        expect(page.locator(".desk .ca-spans")).to_be_visible()
        expect(names).to_have_count(1)
        desk.press("2")
        expect(page.locator(".desk .question.active")).to_contain_text("Rank")
        expect(cards).to_have_count(3)
        assert page.locator(".desk .response.chosen:visible").count() == 0
        key = desk.answer("3", "2")
        desk.saved()
    values = {a.question: a.value for k, a in said(services, "same", "Ann") if k == key}
    assert values["flaw"] == "yes it is"
    assert [one["label"] for one in values["where"]] == ["flaw"]
    assert values["order"][1] == values["better"]


def test_several_questions_one_of_them_conditional(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Triage") as desk:
        wrong = desk.page.locator(".desk .question[data-name=what]")
        expect(wrong).to_be_hidden()
        desk.press("1")
        expect(wrong).to_be_visible()
        desk.press("Enter")
        desk.sees("Choose an answer first")
        first = desk.answer("2", "ArrowDown", "7")
        desk.press("1", "2", "ArrowUp", "2")
        expect(wrong).to_be_hidden()
        second = desk.answer("0")
        desk.saved()
    found = said(services, "triage", "Ann")
    stored = [(key, a.question, a.kind, a.value) for key, a in found]
    assert sorted(stored, key=lambda one: (one[0] != first, one[1])) == [
        (first, "topic", "answer", "fault"),
        (first, "urgent", "answer", 7),
        (first, "what", "answer", ["late"]),
        (second, "topic", "answer", "praise"),
        (second, "urgent", "answer", 0),
        (second, "what", "not_asked", None),
    ]
