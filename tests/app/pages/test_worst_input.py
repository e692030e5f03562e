"""What somebody may type into the fields of a lead's pages: each is answered in words, or taken as
it is; none ends in a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.config import FOLDER, PERSON
from app.services import Services
from tests.annotate.support.answering import people_say
from tests.app.looking import MAIN, go, shown
from tests.app.world import MAIL, mails, person, services_in, set_up

HTML, RTL, LONG = "<img src=x onerror=alert(1)>", "\u202eما هي ساعات العمل", "x" * 1_000_000
NOTHING = ("", " \t ")
ODD = (HTML, RTL, "NaN", "-1", "1e999", "👩\u200d👩\u200d👧 🦴", "'; drop table items; --", "%_*")


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "Lea")
    services = services_in(tmp_path)
    set_up(services, MAIL, mails(4), says="money")
    person(services, "Lea", "lead")
    with services.open("mails") as (store, project):
        ids = [item.id for item in store.items.page(project.project)]
        said = {one: {"Ann": "money", "Bob": "parcel"} for one in ids}
        people_say(store, project, said, question="topic")
    return services


def opened(name: str) -> AppTest:
    return go(AppTest.from_file(MAIN, default_timeout=30).run(), name)


def said(app: AppTest) -> str:
    """What the page answers, without the strokes that keep its text from being read as Markdown."""
    assert not app.exception
    assert "<img" not in shown(app)
    assert len(app.error) <= 1
    return app.error[0].value.replace("\\", "") if app.error else ""


def test_a_search_finds_nothing_or_says_why_it_cannot(services: Services) -> None:
    app = opened("disagreements")
    for text in NOTHING:
        assert said(app.text_input(key="search").set_value(text).run()) == ""
        assert "On 4 of 4 answered items somebody differs" in shown(app)
    for text in ODD:
        assert said(app.text_input(key="search").set_value(text).run()) == ""
        assert "No item is left by these filters." in shown(app), text
    refused = {
        LONG: "a search has up to 200 characters, not 1000000: look for less",
        "x": "'x' is too short to look for: give a word of 2 characters or more, or put it in "
        "quotes with what stands beside it",
    }
    for text, why in refused.items():
        assert said(app.text_input(key="search").set_value(text).run()) == why
        assert any(button.label == "Clear all filters" for button in app.button)


def test_an_id_that_nothing_has_is_named_with_the_way_out(services: Services) -> None:
    app = opened("item")
    for text in NOTHING:
        assert said(app.text_input[0].set_value(text).run()) == ""
        assert "Enter an id, or choose an item under Disagreements." in shown(app)
    for text in (*ODD, LONG):
        told = said(app.text_input[0].set_value(text).run())
        assert told.startswith("project 'mails' has no item "), text
        assert told.endswith(": give its id, or the one it had in your file")
        assert len(told) < 250
    assert said(app.text_input[0].set_value(" m1 ").run()) == ""
    assert "What happened" in [one.value for one in app.subheader]


def test_a_reason_is_asked_for_and_kept_as_it_was_typed(services: Services) -> None:
    app = opened("team")
    app.selectbox(key="person").select("Ann").run()

    def press(label: str, text: str) -> str:
        next(one for one in app.text_input if one.label.startswith("Why")).set_value(text)
        next(one for one in app.button if one.label == label).click().run()
        return said(app)

    for text in NOTHING:
        assert press("Pause", text) == "why is Ann paused? Give a reason: they are shown it"
    for text in ODD:
        assert press("Pause", text) == ""
        with services.open("mails") as (store, project):
            [pause] = store.person_events.pauses(project.project).values()
        assert pause.reason == text
        assert press("Let them go on", "") == ""
