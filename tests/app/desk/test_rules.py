"""Rules of work as a person meets them: training, caps, a daily goal, a lease that ran out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from app.services import Services
from tests.app.desk.browsing import Desk, at_desk, turned_to
from tests.app.desk.projects import ONE_LABEL, bring, counting, mails, open_work
from tests.app.serving import Server
from tests.app.world import person, services_in

pytestmark = pytest.mark.browser

TRAINING = (
    ONE_LABEL.replace("topics", "lessons").replace("Topics", "Lessons")
    + "people: {training: {items: 2, pass: 0.5}}\n"
).replace("import: {id: id}", "import: {id: id, gold: {topic: right}}")
CAPPED = ONE_LABEL.replace("topics", "capped").replace("Topics", "Capped") + (
    "people: {most_per_person: 2, daily_goal: 3}\n"
)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    services = services_in(tmp_path_factory.mktemp("rules"))
    open_work(services, ONE_LABEL, mails(12))
    open_work(services, CAPPED, mails(6))
    open_work(services, TRAINING, mails(4))
    lessons = [{"id": f"l{n}", "text": f"{n}: a refund", "right": "money"} for n in range(6)]
    bring(services, "lessons", lessons)
    for name in ("Ann", "Dee"):
        person(services, name)
    return services


@pytest.fixture(scope="module")
def ann(browser: Browser, server: Server) -> Iterator[Desk]:
    """One window that goes from project to project."""
    with at_desk(browser, server, "Ann") as desk:
        yield desk


def badge(desk: Desk) -> str:
    return str(desk.page.locator(".desk .badge").inner_text())


def test_training_tells_right_from_wrong_and_opens_the_work(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Lessons") as desk:
        assert badge(desk) == "Training"
        assert desk.key().startswith("l")
        desk.answer("1")
        desk.sees("Right")
        wrong = desk.key()
        desk.press("2", "Enter")
        desk.sees("The right answer is: money")
        assert desk.key() == wrong, "the answer is seen before the next item comes"
        desk.press("Enter")
        expect(desk.page.locator(".desk .meta .key")).not_to_have_text(wrong)
        assert desk.key().startswith("m")
        assert badge(desk) == ""
    assert counting(services, "lessons", "Ann") == []


def test_a_goal_is_counted_and_a_cap_ends_the_work(ann: Desk, services: Services) -> None:
    with turned_to(ann, "Capped") as desk:
        desk.sees("0 of 3 today")
        desk.answer("1")
        desk.sees("1 of 3 today")
        desk.press("2", "Enter")
        desk.sees("You have done your share")
        desk.sees("2 of 3 today")
        desk.saved()
    assert [value for _, value in counting(services, "capped", "Ann")] == ["money", "parcel"]


def test_what_was_open_for_too_long_goes_to_somebody_else_and_is_told(
    ann: Desk, browser: Browser, server: Server, services: Services
) -> None:
    with turned_to(ann, "Topics"):
        mine = ann.key()
        ran_out = "update assignments set leased_until = '2020' where state = 'leased'"
        with services.open("topics") as (store, _), store.transaction():
            store._engine.execute(ran_out)
        with at_desk(browser, server, "Dee", "Topics") as dee:
            assert dee.key() == mine
            ann.page.context.set_offline(True)  # a sleeping laptop
            ann.page.context.set_offline(False)
            ann.sees("went to somebody else: it was open for too long, or a lead moved it")
            ann.saved()
            dee.answer("1")
            dee.saved()
    assert counting(services, "topics", "Ann") == []
    assert counting(services, "topics", "Dee") == [(mine, "money")]
