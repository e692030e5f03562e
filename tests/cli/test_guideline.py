"""The guideline in a terminal: edited, compared, tried, proposed, and items asked about again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotate.people import add_person, operator
from app.services import services_for
from tests.cli.terminal import Command
from tests.labelling import assign, submit
from tests.llm_server import Call, LLMServer

TASK = """\
project: mails
title: Mails
guideline: Spam is unasked for.   # short
fields: [text]
import: {{id: id, gold: {{mail: gold}}}}
questions:
- name: mail
  type: single_label
  text: What is it?
  labels: [{{name: spam}}, {{name: ham}}]
llm:
  provider: {provider}
  base_url: {address}
  model: test-model
  variants: [instruction]
  few_shot: 0
  structured: off
  logprobs: off
  max_calls: 500
routing: {{signal: entropy, policy: threshold, threshold: 0.5, audit: 0}}
"""
NEWS = "News is ham."


def answer(call: Call) -> str:
    """Takes news for spam unless it is told better; proposes a sentence when asked for one."""
    if "JSON object" in call.prompt:
        return json.dumps({"summary": "All of it is news.", "sentence": NEWS})
    text = call.prompt.rpartition("<<<")[2]
    return "ham" if "news" in text and NEWS in call.prompt else "spam"


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with LLMServer(answer) as running:
        yield running


def mails(*, gold: bool) -> str:
    """32 mails, every fourth is news and ham."""
    rows = []
    for at in range(32):
        news = at % 4 == 0
        row = {
            "id": f"{'known' if gold else 'mail'} {at}",
            "text": f"{'news' if news else 'offer'} {at}",
        }
        rows.append(row | ({"gold": "ham" if news else "spam"} if gold else {}))
    return "\n".join(map(json.dumps, rows))


@pytest.fixture
def run(
    server: LLMServer,
    tmp_path: Path,
    command: Command,
) -> Command:
    """Runs a command in a folder with 32 mails."""
    (tmp_path / "task.yaml").write_text(
        TASK.format(address=server.base_url, provider="openai"), "utf-8"
    )
    (tmp_path / "items.jsonl").write_text(mails(gold=False), "utf-8")

    assert command("import", "items.jsonl")[0] == 0
    return command


def test_from_an_edit_to_an_old_version(run: Command, tmp_path: Path) -> None:
    (tmp_path / "new.md").write_text("Spam is unasked for.\n\n- News is ham.\n", "utf-8")
    code, out, _ = run("guideline", "edit", "--file", "new.md", "--dry-run")
    assert (code, "+  - News is ham." in out.splitlines()) == (0, True)
    code, _, err = run("guideline", "edit", "--file", "new.md")
    assert (code, "needs a reason" in err) == (1, True)
    code, out, _ = run(
        "guideline", "edit", "--file", "new.md", "--reason", "news came up",
        "--set", "questions[0].labels[0].description=Unasked for: all of it.",
    )  # fmt: skip
    assert (code, out) == (
        0,
        "version 2: guideline changed (lines: 2 added); "
        "mail: 1 label's description changed (spam)\n",
    )
    assert "guideline: |   # short\n" in (tmp_path / "task.yaml").read_text("utf-8")
    assert run("guideline")[1] == "Spam is unasked for.\n\n- News is ham.\n"
    code, out, _ = run("guideline", "versions")
    assert re.search(r"^2 .*  operator  guideline changed .*  news came up$", out, re.MULTILINE)
    assert "-guideline: Spam is unasked for.   # short" in run("guideline", "diff", "1", "2")[1]
    assert run("guideline", "restore", "1", "--reason", "too early")[0] == 0
    assert run("guideline", "show")[1] == "Spam is unasked for.\n"
    assert run("guideline", "diff", "1", "3")[1] == "they have the same text\n"


REFUSED = [
    ("diff 1", "takes 2 names, not 1"),
    ("edit --reason x", "say what to change"),
    ("show --file x", "--file goes with: edit, try"),
    ("restore one --reason x", "'one' is no number of a version"),
    ("restore 7 --reason x", "has no version 7"),
    ("edit --set routing.budget=3 --reason x", "line 20: routing.budget: is 3"),
    ("edit --set oops --reason x", "write KEY=VALUE"),
    ("edit --file none.md --reason x", "none.md: cannot be read"),
    ("try --set title=x", "test-model would be asked exactly the same"),
    ("requeue", "name the items in one way"),
    ("propose --people ham", "name the cell"),
    ("propose --people ham --model spam --question x", "no question 'x'; there are: mail"),
]


def test_what_cannot_be_done_is_said(run: Command) -> None:
    for words, says in REFUSED:
        code, _, err = run("guideline", *words.split())
        assert (code, says in " ".join(err.split())) == (1, True), (words, err)


def test_a_change_is_tried_before_it_is_adopted(
    run: Command, server: LLMServer, tmp_path: Path
) -> None:
    (tmp_path / "new.md").write_text(NEWS, "utf-8")
    code, _, err = run("guideline", "try", "--file", "new.md")
    assert (code, "mail: 0 items have a known answer" in err) == (1, True)
    (tmp_path / "known.jsonl").write_text(mails(gold=True), "utf-8")
    assert run("import", "known.jsonl")[0] == 0
    code, out, _ = run("guideline", "try", "--file", "new.md", "--dry-run")
    assert code == 0
    assert "64 calls (0 answers are known), cost unknown: add `price`" in out
    assert server.calls == []
    code, out, _ = run("guideline", "try", "--file", "new.md")
    assert code == 0
    assert "has 24 right now (75.0%) and 32 with the change (100.0%): +25.0 points" in out
    assert "The change is better on items like these." in out
    assert len(server.calls) == 64
    code, out, _ = run("guideline", "trials")
    assert re.search(r"guideline changed .* 32 +75% +100% +\+25\.0 \(", out)
    assert run("status")[1].count("pre-labelled                    0") == 1


def test_from_a_proposal_to_items_asked_again(run: Command, tmp_path: Path) -> None:
    task = tmp_path / "task.yaml"
    text = task.read_text("utf-8").replace("policy: threshold, threshold: 0.5", "policy: random")
    task.write_text(text.replace("audit: 0", "budget: 0.9, audit: 0"), "utf-8")
    for words in ("prelabel", "route"):
        assert run(words)[0] == 0
    services = services_for(tmp_path)
    with services.open() as (store, project):
        ann = add_person(
            store, "Ann", "annotator", actor=operator(services.now()), now=services.now()
        )
        while (task_ := assign(store, project, actor=ann, now=services.now())) is not None:
            value = "ham" if "news" in task_.item.fields["text"] else "spam"
            submit(store, project, task_, value, actor=ann, now=services.now())
    code, out, _ = run("guideline", "propose", "--people", "ham", "--model", "spam")
    assert (code, f"proposed: {NEWS}" in out) == (0, True)
    found = re.search(r"guideline accept (\w+)", out)
    assert found is not None
    assert run("guideline", "accept", found.group(1), "--text", "All news is ham.")[0] == 0
    assert run("guideline")[1] == "Spam is unasked for.\n\nAll news is ham.\n"
    assert "accepted by operator" in run("guideline", "proposals")[1]
    code, out, _ = run("guideline", "requeue", "--auto", "--dry-run")
    left = re.search(r"0 answered by people, (\d+) with the model's label alone", out)
    assert left is not None
    assert int(left.group(1)) > 0
    code, out, _ = run("guideline", "requeue", "--auto")
    assert f"{left.group(1)} items are before people again" in out


def test_the_local_annotator_proposes_nothing(run: Command, tmp_path: Path) -> None:
    task = tmp_path / "task.yaml"
    text = re.sub(r"provider: .*\n  base_url: .*\n  model: .*", "provider: local", task.read_text())
    task.write_text(text, "utf-8")
    code, _, err = run("guideline", "propose", "--people", "ham", "--model", "spam")
    assert code == 1
    assert "needs a language model that writes sentences, and `llm.provider` is local" in err
