"""The pages of a lead in a project with questions that no model is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.config import FOLDER, PERSON
from app.services import Services
from tests.app.looking import MAIN
from tests.app.world import mails, person, services_in, set_up
from tests.labelling import assign, submit

TASK = """
project: mails
title: Mails
fields: [text]
import: {id: id}
questions:
  - {name: about, type: multi_label, text: "About?", labels: [{name: money}, {name: parcel}]}
"""


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "Lea")
    return services_in(tmp_path, person="Lea")


def shown(app: AppTest) -> str:
    app.run()
    assert not app.exception
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def test_a_lead_sees_that_people_answer(services: Services) -> None:
    set_up(services, TASK, mails(3))
    ann = person(services, "Ann")
    person(services, "Lea", "lead")
    with services.open("mails") as (store, project):
        task = assign(store, project, actor=ann, now=services.now())
        assert task is not None
        submit(store, project, task, ["parcel", "money"], actor=ann, now=services.now())
    page = AppTest.from_file(MAIN, default_timeout=60)
    body = shown(page)
    why = "People answer it: no model is asked questions of type multi_label, because "
    assert f"{why}<code>llm.provider: local</code> cannot write." in body
    assert "<b>3</b><span>for people</span>" in body
    assert "<b>1</b><span>answered</span>" in body
    assert "Promise" not in body
    page.query_params["item"] = task.item.id
    page.switch_page("pages/item.py")
    assert "[&quot;money&quot;, &quot;parcel&quot;]" in shown(page)


RATED = """
project: mails
title: Mails
fields: [text]
import: {id: id}
questions:
  - {name: tone, type: rating, text: "Kind?", scale: {min: 1, max: 3}}
people: {per_item: 2}
"""


def test_how_far_people_are_apart_leads_to_the_items(services: Services) -> None:
    set_up(services, RATED, mails(2))
    person(services, "Lea", "lead")
    with services.open("mails") as (store, project):
        for name, values in (("Ann", [1, 3]), ("Bob", [2, 3])):
            who = person(services, name)
            for _ in values:
                task = assign(store, project, actor=who, now=services.now())
                assert task is not None
                number = int(task.item.key.removeprefix("id:m"))
                submit(store, project, task, values[number], actor=who, now=services.now())
    page = AppTest.from_file(MAIN, default_timeout=60)
    shown(page)
    page.switch_page("pages/disagreements.py")
    body = shown(page)
    assert "No item here that people and the model have answered." in body
    assert "0.50 points apart on average; 100% of the pairs within one point." in body
    said = '<i>Ann</i> 1</span> <span class="said"><i>Bob</i> 2</span>'
    assert body.count(said) == 1  # among those to look at first
    assert "nothing usable" not in body, "no model was asked"
    page.button(key="cell-compared-people-0-0-1").click()
    assert shown(page).count(said) == 2
    assert [one.value for one in page.subheader][:3] == [
        "People and the model",
        "Between people",
        "1 and 2, between people",
    ]
    page.text_input(key="search").set_value("number 1").run()
    assert "0.00 points apart on average" in shown(page)
    page.text_input(key="search").set_value("number 0").run()
    page.selectbox(key="annotator").select("Bob").run()
    assert "Bob ↓ somebody else →" in shown(page)
    page.text_input(key="search").set_value("nowhere").run()
    assert "No item here that two people have answered." in shown(page)
    next(one for one in page.button if one.label == "Clear all filters").click().run()
    assert page.button(key="cell-compared-people-0-0-1").label == "**1** 100%"
    assert "1 and 2, between people" not in [one.value for one in page.subheader]
