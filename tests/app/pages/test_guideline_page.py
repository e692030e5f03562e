"""The page about the guideline, as a lead goes through it: read, edit, try, go back, propose."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from annotate.workflow.guideline.revising import revise, versions
from app.config import FOLDER, PERSON
from app.services import Services
from app.worker import work
from tests.app.looking import MAIN, click, go, shown
from tests.app.world import person, services_in, set_up
from tests.labelling import assign, submit
from tests.llm_server import Call, LLMServer

TASK = """
project: mails
title: Mails
guideline: |
  Spam is **unasked** for, see <b>below</b>.
fields: [text]
import: {{id: id, gold: {{mail: gold}}}}
questions:
  - name: mail
    type: single_label
    text: What is it?
    labels: [{{name: spam, description: Unasked for.}}, {{name: ham}}]
llm: {{provider: {provider}, base_url: "{address}", model: test-model, variants: [instruction],
       few_shot: 0, structured: "off", logprobs: "off"}}
routing: {{signal: entropy, policy: random, budget: 1.0, audit: 0.0}}
"""
NEWS = "News is ham."


def answer(call: Call) -> str:
    if "JSON object" in call.prompt:
        return json.dumps({"summary": "All of it is news.", "sentence": NEWS})
    text = call.prompt.rpartition("<<<")[2]
    return "ham" if "news" in text and NEWS in call.prompt else "spam"


def rows(gold: int) -> list[dict[str, str]]:
    """40 mails, every second is news; the first `gold` have a known answer."""
    made = []
    for at in range(40):
        row = {"id": f"m{at}", "text": f"{'offer' if at % 2 else 'news'} {at}"}
        made.append(row | ({"gold": "spam" if at % 2 else "ham"} if at < gold else {"gold": ""}))
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[LLMServer]:
    with LLMServer(answer) as running:
        yield running


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")
    return services_in(tmp_path)


def opened(
    services: Services, server: LLMServer, *, gold: int = 0, provider: str = "openai"
) -> AppTest:
    """The page, in front of Lea, who leads."""
    task = TASK.format(address=server.base_url, provider=provider)
    set_up(services, task, rows(gold), says="spam")
    os.environ[PERSON] = person(services, "Lea", "lead").name
    app = AppTest.from_file(MAIN, default_timeout=30).run()
    return go(app, "guideline")


def view(app: AppTest, name: str) -> AppTest:
    app.segmented_control(key="guideline-view").set_value(name).run()
    assert not app.exception
    return app


def write(app: AppTest, label: str, text: str) -> AppTest:
    fill(app, label, text).run()
    assert not app.exception
    return app


def fill(app: AppTest, label: str, text: str) -> AppTest:
    """Into a field of a form, which is sent with its button."""
    found = next(one for one in (*app.text_area, *app.text_input) if one.label.startswith(label))
    found.set_value(text)
    return app


def file_of(services: Services) -> str:
    return (services.config.folder / "mails.task.yaml").read_text("utf-8")


def test_it_is_read_as_it_was_meant(services: Services, server: LLMServer) -> None:
    html = shown(opened(services, server))
    assert "<strong>unasked</strong> for, see &lt;b&gt;below&lt;/b&gt;." in html
    assert "<td>spam</td><td>Unasked for.</td>" in html
    assert "Version 1, 2026-03-01 09:00, found on disk" in html


def test_from_an_edit_to_the_version_before(services: Services, server: LLMServer) -> None:
    app = view(opened(services, server), "Edit")
    assert "Nothing is changed yet." in shown(app)
    write(app, "Guideline, in", "Spam is unasked for.\n\n- News is ham.")
    write(app, "ham", "All else.")
    html = shown(app)
    assert "guideline changed (lines: 3 added, 1 removed)" in html
    assert "1 label&#x27;s description changed (ham)" in html
    assert "The model&#x27;s answers so far were given to the old prompts" in html
    assert re.search(r"<li>\s*(<p>)?News is ham\.", html)
    assert "+  - News is ham." in app.code[0].value
    click(app, "Save as a new")
    assert any("needs a reason" in error.value for error in app.error)
    fill(app, "Why", "news came up")
    click(app, "Save as a new")
    assert "Version 2 is in force" in app.success[0].value
    assert "{name: ham, description: All else.}" in file_of(services)
    view(app, "History")
    html = shown(app)
    assert "<td>Lea</td>" in html
    assert "<td>news came up</td>" in html
    assert "+  - News is ham." in app.code[0].value
    fill(app, "Why", "too early")
    click(app, "Restore version 1")
    assert "Spam is **unasked** for" in file_of(services)
    assert "version 1 again" in app.success[0].value


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(
    services: Services, server: LLMServer
) -> None:
    app = view(opened(services, server), "Edit")
    write(app, "Guideline, in", "Mine.")
    with services.open("mails") as (store, project):
        path, kim = services.workspace.project("mails")[0], person(services, "Kim", "lead")
        changes: dict[tuple[str | int, ...], object] = {("guideline",): "Kim's."}
        revise(store, path, project, changes, reason="k", actor=kim, now=services.now())
    app.run()
    assert "Kim has saved version 2 since you began" in app.warning[0].value
    fill(app, "Why", "mine is better")
    click(app, "Save as a new")
    assert any("guideline has changed since you began" in error.value for error in app.error)
    assert "guideline: Kim's." in file_of(services)
    click(app, "Begin from version 2")
    assert next(one for one in app.text_area).value == "Kim's."


def test_a_change_is_tried_before_it_is_saved(services: Services, server: LLMServer) -> None:
    app = view(opened(services, server, gold=40), "Edit")
    write(app, "Guideline, in", NEWS)
    server.calls.clear()
    click(app, "What would that take?")
    assert "40 items of known answer, 40 of them audited or imported with it." in shown(app)
    assert "80 calls, at a price that is not known" in shown(app)
    assert server.calls == []
    click(app, "Try it")
    assert server.calls == []
    assert "The trial is queued" in app.success[0].value
    assert "mail: guideline" in shown(app)
    app.switch_page("pages/progress.py").run()
    work(services, once=True, say=lambda line: None)
    app.switch_page("pages/guideline.py").run()
    assert ", Lea · done · 40 of 40 items" in shown(app)
    assert "20 right now (50.0%) and 40 with the change (100.0%): +50.0 points" in shown(app)
    assert "The change is better on items like these." in shown(app)
    assert app.text_area[0].value == NEWS
    html = shown(view(app, "History"))
    assert "<td>50.0%</td><td>100.0%</td>" in html


def test_too_few_items_are_said_in_words(services: Services, server: LLMServer) -> None:
    app = view(opened(services, server, gold=12), "Edit")
    write(app, "Guideline, in", NEWS)
    click(app, "What would that take?")
    [error] = [one.value for one in app.error]
    assert "12 items have a known answer" in error
    assert "18 more must be answered" in error


def answered(services: Services) -> None:
    """Ann says ham to news and spam to the rest."""
    ann = person(services, "Ann")
    with services.open("mails") as (store, project):
        for _ in range(12):
            task = assign(store, project, actor=ann, now=services.now())
            assert task is not None
            value = "ham" if "news" in task.item.fields["text"] else "spam"
            submit(store, project, task, value, actor=ann, now=services.now())


def test_from_a_proposal_to_a_version(services: Services, server: LLMServer) -> None:
    app = opened(services, server)
    assert "no cell with 3 items" in shown(view(app, "Proposals"))
    answered(services)
    view(app, "Read")
    view(app, "Proposals")
    click(app, "Ask the model")
    assert "All of it is news." in shown(app)
    fill(app, "Sentence for", "All news is ham.")
    click(app, "Add to the guideline")
    assert "All news is ham." in file_of(services)
    assert "<td>accepted by Lea</td>" in shown(app)
    with services.open("mails") as (store, project):
        lea = person(services, "Lea", "lead")
        newest = versions(store, project, actor=lea)[0]
    assert newest.reason == "proposed by the model (mail: people say ham, the model spam)"


def test_items_are_put_before_people_again(services: Services, server: LLMServer) -> None:
    app = opened(services, server)
    answered(services)
    services.now.forward(minutes=1)  # type: ignore[attr-defined]
    with services.open("mails") as (store, project):
        path, lea = services.workspace.project("mails")[0], person(services, "Lea", "lead")
        changes: dict[tuple[str | int, ...], object] = {("guideline",): NEWS}
        revise(store, path, project, changes, reason="n", actor=lea, now=services.now())
    view(app, "History")
    app.selectbox(key="requeue-label").select("ham").run()
    click(app, "Count them")
    many = next(b.label.split()[1] for b in app.button if b.label.startswith("Put "))
    click(app, "Put ")
    assert f"{many} items are before people again" in app.success[0].value


def test_the_local_annotator_is_told_of_in_words(services: Services, server: LLMServer) -> None:
    app = opened(services, server, provider="local")
    answered(services)
    view(app, "Proposals")
    click(app, "Ask the model")
    assert any("needs a language model" in error.value for error in app.error)


def test_a_trial_that_waits_is_stopped_and_its_change_taken_up_again(
    services: Services, server: LLMServer
) -> None:
    app = view(opened(services, server, gold=40), "Edit")
    write(app, "Guideline, in", NEWS)
    click(app, "What would that take?")
    click(app, "Try it")
    click(app, "Stop")
    work(services, once=True, say=lambda line: None)
    assert "cancelled" in shown(app.run())
    write(app, "Guideline, in", "Something else.")
    write(app, "ham", "All else.")
    assert "<td>" not in shown(view(app, "History")).partition("Tried so far")[2]
    view(app, "Edit")
    assert app.text_area[0].value == "Something else."
    click(app, "Take this change up")
    assert app.text_area[0].value == NEWS
    assert "1 label" not in shown(app)
    assert "+guideline: News is ham." in app.code[0].value or NEWS in app.code[0].value


def test_a_prompt_of_ones_own_from_the_first_word_to_a_version_and_back(
    services: Services, server: LLMServer
) -> None:
    app = view(opened(services, server), "Edit")
    write(app, "A prompt of your own", "brief")
    click(app, "Write it")
    written = next(one for one in app.text_area if one.label == "Your prompt brief")
    assert written.value == "{question}\n\n{labels}\n\n{examples}\n\n{item}\n\n{reply}"
    asked = next(one for one in app.multiselect if one.label == "Asked")
    assert asked.value == ["instruction", "brief"]
    write(app, "Your prompt", "Quick: {itm} {labels}")
    [error] = [one.value.replace("\\", "") for one in app.error]
    assert "holds {itm} in its line 1, which stands for nothing. Did you mean {item}?" in error
    assert "has no place for the form of the reply" in error
    app.switch_page("pages/progress.py").run()
    app.switch_page("pages/guideline.py").run()
    write(app, "Your prompt", "Quick: {item} {labels}\n{reply}")
    assert [one.value for one in app.error] == []
    html = shown(app)
    assert "prompt brief added" in html
    assert "m0 · own/brief." in html
    assert any(
        one.value.endswith(
            "Quick: <<<news 0>>> - spam: Unasked for.\n- ham\n"
            "Answer with one label only, spelled as in the list.\nOn a last line write "
            '"confidence: " and a number from 0 to 1, how sure you are.'
        )
        for one in app.code
    )
    fill(app, "Why", "shorter is cheaper")
    click(app, "Save as a new")
    assert "Quick: {item} {labels}" in file_of(services)
    assert "variants: [instruction, brief]" in file_of(services)
    write(app, "Your prompt", "Be quick: {item} {labels}\n{reply}")
    assert "prompt brief changed (lines: 1 added, 1 removed)" in shown(app)
    assert "Be quick: {item}" in app.code[0].value
    view(app, "History")
    fill(app, "Why", "it was worse")
    click(app, "Restore version 1")
    assert "brief" not in file_of(services)
