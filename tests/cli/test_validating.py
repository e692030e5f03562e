"""From a variant that always says one label to a routing without it, as commands."""

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
from tests.mails import MAILS, to_fill_in

TASK = (
    to_fill_in(MAILS)
    + """\
import: {{id: id}}
llm:
  provider: openai
  base_url: {address}
  model: test-model
  variants: [instruction, paraphrase, question]
  few_shot: 0
  structured: off
  logprobs: off
routing: {{signal: entropy, policy: threshold, threshold: 0.5, audit: 0}}
"""
)


def answer(call: Call) -> str:
    """Knows an offer from a lunch, but takes a rare offer for a lunch when asked by `paraphrase`,
    and says spam to anything when asked by `question`."""
    if "Possible answers" in call.prompt:
        return "spam"
    text = call.prompt.rpartition("<<<")[2]
    if "rare" in text and "text to sort" in call.prompt:
        return "ham"
    return "spam" if "offer" in text else "ham"


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with LLMServer(answer) as running:
        yield running


@pytest.fixture
def run(
    server: LLMServer,
    tmp_path: Path,
    command: Command,
) -> Command:
    """Runs a command in a folder with 24 mails, half of them offers, all pre-labelled."""
    (tmp_path / "task.yaml").write_text(TASK.format(address=server.base_url), "utf-8")
    write_mails(tmp_path, range(24))

    for words in (("import", "items.jsonl"), ("prelabel",)):
        assert command(*words)[0] == 0
    return command


def write_mails(folder: Path, numbers: range) -> None:
    """Lunches and offers in turn; every other offer is a rare one."""
    kinds = ("rare offer", "lunch", "offer", "lunch")
    rows = [{"id": str(n), "text": f"{kinds[n % 4]} {n}"} for n in numbers]
    (folder / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def people_answer(folder: Path, count: int) -> None:
    """Somebody says of as many mails what they are."""
    services = services_for(folder)
    now = services.now()
    with services.open() as (store, project):
        ann = add_person(store, "Ann", "annotator", actor=operator(now), now=now)
        for _ in range(count):
            task = assign(store, project, actor=ann, now=now)
            assert task is not None
            value = "spam" if "offer" in task.item.fields["text"] else "ham"
            submit(store, project, task, value, actor=ann, now=now)


def rows(out: str) -> dict[str, list[str]]:
    """The table in an output: first column -> the others."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in out.splitlines()]
    return {first: others for first, *others in lines if others}


def test_a_variant_that_always_says_one_label(
    run: Command, server: LLMServer, tmp_path: Path
) -> None:
    # it splits the votes on every lunch, so that people get them all, with the rare offers
    assert "6 stay with the model, 18 go to people" in run("route")[1]
    people_answer(tmp_path, 12)
    code, out, _ = run("prompts", "validate")
    assert code == 0
    told = rows(out)
    assert told["variant"][0] == "items"
    assert told["question"][:2] == ["12", "42%"]  # five of them are offers
    assert told["question"][-1] == "always gives one answer"
    assert told["instruction"][-1] == "better than chance"
    assert "judged on 0 items by their known answer and on 12 by people" in out
    assert "write `exclude: [question]` under `llm:`" in out
    assert (
        "1 of 3 variants should not vote (always gives one answer: 1): see `coannotate prompts "
        "validate`"
    ) in run("status")[1]

    exclude(tmp_path, "question")
    # what people have answered stays theirs, as do the rare offers; five lunches are sure now
    assert "11 stay with the model, 13 go to people" in run("route")[1]
    code, out, _ = run("prompts", "validate")
    assert (code, rows(out)["question"][-1]) == (0, "excluded")
    assert "exclude:" not in out
    assert "should not vote" not in run("status")[1]
    assert len(server.calls) == 72


def test_excluding_does_not_ask_again(run: Command, server: LLMServer, tmp_path: Path) -> None:
    assert len(server.calls) == 72
    exclude(tmp_path, "question")
    assert "every item has its answers" in run("prelabel")[1]
    write_mails(tmp_path, range(24, 26))
    run("import", "items.jsonl")
    planned = rows(run("plan")[1])
    assert planned["calls"] == ["4"]
    assert planned["human-labelled examples"][0].startswith("none (audited items and those")
    assert "2 items, 4 answers" in run("prelabel")[1]
    assert len(server.calls) == 76
    shown = run("prompts", "show")[1]
    assert "=== mail · instruction" in shown
    assert "=== mail · question" not in shown


def exclude(folder: Path, name: str) -> None:
    file = folder / "task.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("few_shot: 0", f"few_shot: 0\n  exclude: [{name}]"), "utf-8")


def test_for_programs(run: Command, tmp_path: Path) -> None:
    run("route")
    people_answer(tmp_path, 12)
    code, out, _ = run("prompts", "validate", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["project"] == "mails"
    assert "`exclude: [question]`" in told["remedy"]
    [question] = told["questions"]
    assert (question["items_with_known_answer"], question["items_answered_by_people"]) == (0, 12)
    first, *others = question["variants"]
    assert [one["variant"] for one in others] == ["instruction", "paraphrase"]
    assert (first["variant"], first["model"], first["about"]) == ("question", "test-model", None)
    assert (first["verdict"], first["flagged"], first["n"]) == ("one answer", True, 12)
    assert first["right"] == {"low": 0.1517, "estimate": 0.4167, "high": 0.7233}
    assert (first["favourite"], first["favourite_share"]) == ("spam", 1.0)
    assert (first["commonest"], first["commonest_label"]) == (pytest.approx(7 / 12), "ham")
    only = json.loads(run("prompts", "validate", "--json", "--variant", "question")[1])
    assert [one["variant"] for one in only["questions"][0]["variants"]] == ["question"]


def test_before_anybody_has_answered(run: Command) -> None:
    code, out, _ = run("prompts", "validate")
    assert code == 0
    assert out == (
        "mail\n  no item has both an answer of the model and one of people, or a known one\n"
    )


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("validate", "--item", "3"), "--item goes with `prompts show`"),
        (("show", "--json"), "--json goes with `prompts validate`"),
        (("validate", "--variant", "rhyme"), "no variant 'rhyme' has answered; there are: instruc"),
    ],
)
def test_options_that_do_not_fit(
    run: Command, tmp_path: Path, words: tuple[str, ...], rule: str
) -> None:
    run("route")
    people_answer(tmp_path, 1)
    code, _, err = run("prompts", *words)
    assert (code, rule in err) == (1, True)
