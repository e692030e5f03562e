"""The page Disagreements as a lead uses it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.config import FOLDER, PERSON
from app.services import Services
from tests.annotate.support.answering import people_say
from tests.app.looking import MAIN, go, shown
from tests.app.world import MAIL, mails, person, services_in, set_up

ROWS = [{**row, "from": "shop" if at % 2 else "web"} for at, row in enumerate(mails(6))]


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Six mails; the model says money to all; Ann and <Ben> have answered."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")
    services = services_in(tmp_path)
    set_up(services, MAIL, ROWS, says="money")
    with services.open("mails") as (store, project):
        ids = [item.id for item in store.items.page(project.project)]
        ann = ["money", "parcel", "parcel", "money", "other"]
        ben = ["money", "money", "parcel"]
        said = {
            item_id: {"Ann": a} | ({"<Ben>": ben[at]} if at < len(ben) else {})
            for at, (item_id, a) in enumerate(zip(ids, ann, strict=False))
        }
        people_say(store, project, said, question="topic")
    return services


@pytest.fixture
def lead(services: Services) -> AppTest:
    os.environ[PERSON] = person(services, "The lead", "lead").name
    app = AppTest.from_file(MAIN, default_timeout=20).run()
    return go(app, "disagreements")


def rows(app: AppTest) -> list[str]:
    return [html for html in shown(app).split("\n") if 'class="differ"' in html]


def test_what_differs_is_listed_and_counted(lead: AppTest) -> None:
    html = shown(lead)
    assert "On 3 of 5 answered items somebody differs" in html
    assert "The same in 3 of 6 cases (50%) that both have answered." in html
    assert "The same in 2 of 3 cases (67%) that two people have answered." in html
    assert len(rows(lead)) == 3
    assert "<i>&lt;Ben&gt;</i> money" in html
    assert "<Ben>" not in html
    cells = {b.key: b.label for b in lead.button if str(b.key).startswith("cell-")}
    assert cells["cell-people-and-model-1-0"] == "**2** 100%"
    assert cells["cell-between-people-0-1"] == "**1** 50%"


def test_a_cell_is_chosen_and_let_go(lead: AppTest) -> None:
    lead.button(key="cell-people-and-model-1-0").click().run()
    assert not lead.exception
    assert len(rows(lead)) == 2
    assert lead.selectbox(key="people").value == "parcel"
    assert lead.selectbox(key="model").value == "money"
    assert "2 of 5 answered items are left" in shown(lead)
    lead.button(key="cell-people-and-model-1-0").click().run()
    assert len(rows(lead)) == 3
    lead.button(key="cell-between-people-0-1").click().run()
    assert len(rows(lead)) == 1
    next(b for b in lead.button if b.label == "Clear all filters").click().run()
    assert len(rows(lead)) == 3


def test_filters_and_search_combine(lead: AppTest) -> None:
    lead.text_input(key="search").set_value("number 4").run()
    assert len(rows(lead)) == 1
    lead.selectbox(key="annotator").select("<Ben>").run()
    assert len(rows(lead)) == 0
    lead.text_input(key="search").set_value("number").run()
    assert len(rows(lead)) == 2
    lead.selectbox(key="source_key").select("from").run()
    lead.selectbox(key="source").select("web").run()
    assert not lead.exception
    assert len(rows(lead)) == 1
    lead.selectbox(key="model").select("other").run()
    assert "No item is left by these filters." in shown(lead)
    lead.text_input(key="search").set_value("x").run()
    assert "too short to look for" in lead.error[0].value
    next(b for b in lead.button if b.label == "Clear all filters").click().run()
    assert len(rows(lead)) == 3


def test_from_the_list_to_an_item_and_on(lead: AppTest) -> None:
    lead.text_input(key="search").set_value("mail").run()
    next(b for b in lead.button if b.label == "History").click().run()
    assert not lead.exception
    html = shown(lead)
    assert "1 of 3 items of the filtered list" in html
    assert "topic: <strong>money</strong>" in html


def test_an_item_leads_on_through_the_list(services: Services) -> None:
    os.environ[PERSON] = person(services, "The lead", "lead").name
    app = AppTest.from_file(MAIN, default_timeout=20).run()
    app.query_params["item"] = "m4"
    app.query_params["list"] = "question=topic&search=mail"
    go(app, "item")
    first = shown(app)
    assert "of 3 items of the filtered list" in first
    near = {way: app.button(key=f"near-{way}") for way in ("before", "next")}
    next(button for button in near.values() if not button.disabled).click().run()
    assert not app.exception
    assert app.query_params["item"] != ["m4"]
    assert shown(app) != first
    next(b for b in app.button if b.label == "Prompt").click().run()
    assert not app.exception


def test_a_link_opens_what_it_was_made_of(services: Services) -> None:
    os.environ[PERSON] = person(services, "The lead", "lead").name
    app = AppTest.from_file(MAIN, default_timeout=20).run()
    app.query_params["people"] = "parcel"
    app.query_params["show"] = "all"
    app.query_params["search"] = "mail"
    go(app, "disagreements")
    assert len(rows(app)) == 2


def test_an_annotator_is_refused(services: Services) -> None:
    os.environ[PERSON] = person(services, "Ann").name
    app = go(AppTest.from_file(MAIN, default_timeout=20).run(), "disagreements")
    assert "may not review" in app.error[0].value
    assert not rows(app)
