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
    assert f"{why}`llm.provider: local` cannot write." in body
    assert "<b>3</b><span>for people</span>" in body
    assert "<b>1</b><span>answered</span>" in body
    assert "Promise" not in body
    page.query_params["item"] = task.item.id
    page.switch_page("pages/item.py")
    assert "[&quot;money&quot;, &quot;parcel&quot;]" in shown(page)
