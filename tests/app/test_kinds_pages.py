"""The pages of a lead in a project with questions that no model is asked."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from app import state
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


def run_progress(services: object) -> None:  # this text runs alone: it knows no names from above
    from app.pages import progress

    progress.page(services)  # type: ignore[arg-type]


def run_item(services: object) -> None:
    from app.pages import item

    item.page(services)  # type: ignore[arg-type]


def shown(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(str(element.proto.body) for element in page.get("html"))


def test_a_lead_sees_that_people_answer(tmp_path: Path) -> None:
    services = services_in(tmp_path)
    set_up(services, TASK, mails(3))
    ann, lead = person(services, "Ann"), person(services, "Lea", "lead")
    with services.open("mails") as (store, project):
        task = assign(store, project, actor=ann, now=services.now())
        assert task is not None
        submit(store, project, task, ["parcel", "money"], actor=ann, now=services.now())
    page = AppTest.from_function(run_progress, kwargs={"services": services})
    page.session_state[state.PERSON] = lead.id
    body = shown(page.run())
    why = "People answer it: no model is asked questions of type multi_label, because "
    assert f"{why}`llm.provider: local` cannot write." in body
    assert "<b>3</b><span>for people</span>" in body
    assert "<b>1</b><span>answered</span>" in body
    assert "Promise" not in body
    assert '"[""money"", ""parcel""]"' in page.code[0].value
    page = AppTest.from_function(run_item, kwargs={"services": services})
    page.session_state[state.PERSON] = lead.id
    page.query_params["item"] = task.item.id
    assert "[&quot;money&quot;, &quot;parcel&quot;]" in shown(page.run())
