"""The project file: every mistake is told with line, key, rule and remedy, all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from ruamel.yaml import YAML

from annotate.errors import InvalidProject, NotFound, Problem
from annotate.project import json_schema, load_project, parse_project
from annotate.project.policies import KEYS
from routing.policies import POLICIES
from tests.annotate.support.project_file import DATA, GOOD, only, problems

# ---- all at once

MISTAKES = """\
project: my mails!
title:
guidelines: Be good.
language: german
fields: [text, reply, text]
import:
  id: 7
  columns:
    txt: body
  gold:
    mial: answer
  max_chars: 0
questions:
  - name: mail
    type: singel_label
    text: What is it?
  - name: topic
    type: single_label
    text: ""
    labels:
      - name: 1
      - nmae: ham
  - name: better
    type: preference
    text: Which is better?
    prompt: prompt
    responses: [reply, text]
    labels: []
llm:
  provider: opanai
  base_url: localhost:8000
  api_key: sk-verysecret123
  temperature: 3
  variants: [instruction, qestion]
routing:
  policy: treshold
  budget: true
  audit: 5%
  seed: 1.5
people:
  per_item: 0
"""

TOLD = """\
task.yaml: 25 problems
  line 1: project: is 'my mails!', not 1 to 64 of the characters a-z, A-Z, 0-9, - and _. \
Short id of the project.
  line 2: title: is empty. Write a text after the colon, or remove the line.
  line 3: guidelines: is not a known key. Did you mean `guideline`?
  line 4: language: is 'german', not one of en, zh. Known: en, zh.
  line 5: fields[2]: 'text' stands twice. Remove one.
  line 7: import.id: is 7, a number, not text. Put quotes around it.
  line 9: import.columns.txt: 'txt' is not one of the project's fields. Did you mean `text`?
  line 12: import.max_chars: is 0, but must be at least 1. Rows with a longer field are rejected.
  line 15: questions[0].type: is 'singel_label', an unknown question type. \
Did you mean `single_label`?
  line 19: questions[1].text: is empty. The question as people and the model read it.
  line 21: questions[1].labels[0].name: is 1, a number, not text. Put quotes around it.
  line 22: questions[1].labels[1].name: is required. Add `name:`.
  line 22: questions[1].labels[1].nmae: is not a known key. Did you mean `name`?
  line 26: questions[2].prompt: 'prompt' is not in `fields`. Add `prompt` to `fields`.
  line 28: questions[2].labels: is not a known key. \
Known: help, name, prompt, responses, strength, text, tie, type, when.
  line 30: llm.provider: 'opanai' is unknown. Did you mean `openai`?
  line 31: llm.base_url: 'localhost:8000' is no address. \
It starts with http:// or https:// and usually ends in /v1.
  line 32: llm.api_key: is not a known key. Secrets never stand in a file: \
put the key in an environment variable and name that in `llm.api_key_env`.
  line 33: llm.temperature: is 3, but must be at most 2. 0 to 2; not sent when left out.
  line 34: llm.variants[1]: 'qestion' is unknown. Did you mean `question`?
  line 36: routing.policy: 'treshold' is unknown. Did you mean `threshold`?
  line 37: routing.budget: is True, not a number. Share of all items for people.
  line 38: routing.audit: is '5%', not a number. \
Share of the sure items that people check at random.
  line 39: routing.seed: is 1.5, not a whole number. Seed of the random draws.
  line 41: people.per_item: is 0, but must be at least 1. People who answer each item.
"""


def test_many_mistakes_are_told_at_once() -> None:
    with pytest.raises(InvalidProject) as caught:
        parse_project(MISTAKES, name="task.yaml")
    assert str(caught.value) + "\n" == TOLD


@pytest.mark.parametrize("text", [MISTAKES, GOOD.replace("spam", "sk-verysecret123 x: [")])
def test_secrets_are_never_repeated(text: str) -> None:
    assert "verysecret" not in "".join(map(str, problems(text)))


SECRET = "sk-proj-Zm9vYmFyMTIzNDU2Nzg5"


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        (f"llm: {{api_key: {SECRET}}}", "llm.api_key"),
        (f"llm: {{API-Key: {SECRET}}}", "llm.API-Key"),
        (f"llm: {{token: [{SECRET}]}}", "llm.token"),
        (f"api_key: {SECRET}", "api_key"),
        (f"llm: {{api_key_env: {SECRET}}}", "llm.api_key_env"),
        ("llm: {api_key_env: abcdef0123456789abcdef0123}", "llm.api_key_env"),
        (f"llm: {{base_url: {SECRET}}}", "llm.base_url"),
        (f'llm: {{base_url: "https://me:{SECRET}@host/v1"}}', "llm.base_url"),
        (f'llm: {{base_url: "https://host/v1?key={SECRET}"}}', "llm.base_url"),
        (f"llm: {{provider: {SECRET}}}", "llm.provider"),
        (f"llm: {{variants: {SECRET}}}", "llm.variants"),
        (f"llm: {{temperature: {SECRET}}}", "llm.temperature"),
        (f"llm: {SECRET}", "llm"),
        (f"language: {SECRET}", "language"),
    ],
)
def test_a_key_in_the_wrong_place(lines: str, key: str) -> None:
    found = only(GOOD + lines)
    assert found.key == key
    assert found.line == 12
    for part in (SECRET, SECRET[8:], "abcdef0123456789"):
        assert part not in str(found)


def test_two_stages_are_one() -> None:
    """What can be said of the well-formed keys is said although others are not."""
    text = GOOD.replace("title: Mails", "title: 3") + "llm: {provider: openai, samples: many}\n"
    assert [(p.line, p.key) for p in problems(text)] == [
        (2, "title"),
        (12, "llm.model"),
        (12, "llm.samples"),
    ]


@pytest.mark.parametrize(
    ("lines", "keys"),
    [
        # nothing is concluded from a key that is itself wrong
        ("routing: {policy: 3, threshold: 0.2}", ["routing.policy"]),
        ("routing: {policy: threshold, threshold: 2}", ["routing.threshold"]),
        ("llm: {provider: openai, model: 3}", ["llm.model"]),
        ("import: {columns: {text: 3}}", ["import.columns.text"]),
        ("llm: {provider: [openai]}", ["llm.provider"]),
        ("llm: 3\nrouting: []", ["llm", "routing"]),
        ("people: {per_item: 1, per_itm: 2}", ["people.per_itm"]),
    ],
)
def test_no_mistake_is_told_twice(lines: str, keys: list[str]) -> None:
    assert [p.key for p in problems(GOOD + lines)] == keys


def test_fields_that_are_wrong_make_no_others_wrong() -> None:
    text = GOOD.replace("[text]", "[te*xt]") + "import: {columns: {text: body}}"
    assert [p.key for p in problems(text)] == ["fields[0]"]


# ---- the file as a whole


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("", 1, "holds no keys"),
        ("# only a comment\n", 1, "holds no keys"),
        ("- a\n- b\n", 1, "is a list, not `key: value` lines"),
        ("hello", 1, "is one value, not `key: value` lines"),
        ("a: 1\nb:\n\t- c\n", 3, "is not YAML: a tab stands where spaces belong"),
        ("a: 1\nb: c: d\n", 2, "is not YAML: mapping values are not allowed here"),
        ("a: 1\nb: 'x\n", 3, "is not YAML: found unexpected end of stream"),
        ("a: *there\n", 1, "is not YAML: found undefined alias 'there'"),
        ("a: 1\n---\nb: 1\n", 2, "is not YAML: but found another document"),
        ("a: 1\nb: \x07\n", 2, "holds the control character U+0007"),
        ("[" * 800, None, "is nested too deep"),
    ],
)
def test_no_project_at_all(text: str, line: int | None, rule: str) -> None:
    found = only(text)
    assert (found.line, found.key, found.rule) == (line, "file", rule)
    assert found.remedy


def test_files(write: Callable[..., Path], tmp_path: Path) -> None:
    good = write("good.yaml", b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_project(good) == parse_project(GOOD)
    latin = write("latin.yaml", GOOD.replace("Mails", "Grüße").encode("latin-1"))
    with pytest.raises(InvalidProject) as caught:
        load_project(latin)
    told = "1 problem\n  line 2: file: is not UTF-8 (byte 24). Save it as UTF-8."
    assert str(caught.value) == f"{latin}: {told}"
    with pytest.raises(InvalidProject, match="is not UTF-8"):
        load_project(write("wide.yaml", GOOD.encode("utf-16")))
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(NotFound, match=r"cannot be read .*`coannotate init`"):
            load_project(path)


def test_keys_that_stand_twice() -> None:
    text = GOOD + "title: Again\nllm:\n  model: a\n  model: b\n  model: c\n"
    text = text.replace("description: Unasked for.", "name: eggs")
    remedy = "Remove one of the two."
    assert problems(text) == [
        Problem(10, "questions[0].labels[0].name", "stands twice in one place", remedy),
        Problem(12, "title", "stands twice in one place", remedy),
        Problem(15, "llm.model", "stands twice in one place", remedy),
        Problem(16, "llm.model", "stands twice in one place", remedy),
    ]


def test_a_key_that_stands_twice_hides_nothing_else() -> None:
    assert [p.key for p in problems(GOOD + "title: Again\npeople: {per_item: 0}")] == [
        "title",
        "people.per_item",
    ]


def test_aliases() -> None:
    text = GOOD.replace("labels:", "labels: &both").replace("name: mail", "name: one")
    second = "  - {name: two, type: single_label, text: And now?, labels: *both}\n"
    first, then = parse_project(text + second).questions
    assert first.model_dump()["labels"] == then.model_dump()["labels"]


def test_an_alias_of_itself_and_a_bomb_are_refused_at_once() -> None:
    assert only(GOOD + "people: &p {per_item: *p}").key == "people.per_item"
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)
    )
    found = problems(bomb + GOOD.replace("title: Mails", "title: *a59"))
    assert len(found) == 61
    assert found[-1] == Problem(62, "title", "is a list, not text", "Write one text here.")


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    text = f'!!python/object/apply:os.system ["touch {trace}"]'
    assert only(GOOD.replace("title: Mails", f"title: {text}")).key == "title"
    assert not trace.exists()


# ---- defaults and samples


def test_what_a_short_file_means() -> None:
    project = parse_project(GOOD)
    assert project.language == "en"
    assert (project.llm.provider, project.llm.variants, project.llm.few_shot) == (
        "local",
        "default",
        6,
    )
    policy: Any = project.routing.build()
    assert (project.routing.policy, policy.share, policy.audit_rate) == ("budget", 0.3, 0.05)
    assert (project.people.per_item, project.people.lease_minutes) == (1, 30)
    with pytest.raises(KeyError):
        project.question("other")


@pytest.mark.parametrize("policy", list(POLICIES))
def test_every_policy_can_be_chosen(policy: str) -> None:
    money = ", error_usd: 1, hour_usd: 20"
    needed = {
        "threshold": ", threshold: 0.25",
        "cost": money,
        "cascade": f"{money}, strong: big, strong_usd: 0.01",
        "promise": ", target_error: 0.05",
    }
    text = f"{GOOD}routing: {{policy: {policy}{needed.get(policy, ', budget: 0.25')}, audit: 0}}"
    if policy == "cascade":
        text += "\nllm: {provider: openai, ensemble: [{model: small}, {name: big, model: b}]}"
    assert parse_project(text).routing.build(answers=2, seconds=12.5).name == policy


def test_the_keys_of_every_policy_are_told_and_of_no_other() -> None:
    assert set(KEYS) == set(POLICIES)


def test_what_people_cost_is_measured_unless_it_is_set() -> None:
    money = "routing: {policy: cost, error_usd: 1, hour_usd: 20"
    measured: Any = parse_project(f"{GOOD}{money}}}").routing.build(answers=2, seconds=12.5)
    assert (measured.seconds, measured.answers) == (12.5, 2)
    settled: Any = parse_project(f"{GOOD}{money}, seconds: 40}}").routing.build(seconds=12.5)
    assert (settled.seconds, settled.answers) == (40, 1)


def test_a_budget_may_be_a_number_of_items() -> None:
    text = f"{GOOD}routing: {{budget_items: 120, explore: 0.1}}"
    built: Any = parse_project(text).routing.build()
    assert (built.items, built.share, built.explore) == (120, None, 0.1)


SAMPLES = sorted(DATA.glob("*/task.yaml"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_samples(path: Path) -> None:
    project = load_project(path)
    assert project.project == path.parent.name
    validator().validate(YAML(typ="safe").load(path))


def test_there_are_samples() -> None:
    assert {path.parent.name for path in SAMPLES} >= {"topics", "replies", "zh_intents"}


# ---- JSON Schema


def validator() -> Any:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    "lines",
    ["tilte: x", "llm: {modle: x}", "routing: {bugdet: 1}", "people: {x: 1}", "import: {x: 1}"],
)
def test_the_schema_refuses_unknown_keys(lines: str) -> None:
    assert validator().is_valid(YAML(typ="safe").load(GOOD))
    assert not validator().is_valid(YAML(typ="safe").load(GOOD + lines))


@pytest.mark.parametrize(
    ("old", "new"),
    [("description", "desciption"), ("    text:", "    lables: []\n    text:"),
     ("single_label", "singel_label"), ("name: ham", "name: 1"), ("[text]", "[]")],
)  # fmt: skip
def test_the_schema_refuses_inside_questions(old: str, new: str) -> None:
    assert not validator().is_valid(YAML(typ="safe").load(GOOD.replace(old, new)))


def test_the_schema_describes_every_key() -> None:
    schema = json_schema()
    for definition in (schema, *schema["$defs"].values()):
        for name, key in definition["properties"].items():
            assert "description" in key or "$ref" in key or name == "type", name
