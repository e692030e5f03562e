"""Every rule of the project file, one by one."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from annotate.errors import InvalidProject, Problem
from annotate.project import Project, parse_project
from annotate.questions import QUESTION_TYPES
from tests.annotate.support.project_file import GOOD, only, problems

# ---- labels


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("1", "is 1, a number, not text"),
        ("1.50", "is 1.5, a number, not text"),
        ("true", "is true, a truth value, not text"),
        ("2024-01-01", "is 2024-01-01, a date, not text"),
        ("", "is empty"),
        ("~", "is empty"),
        ('""', "is empty"),
        ('" spam"', "is ' spam', not one line of text without blanks at its ends"),
        ('"a\\nb"', "is 'a\\nb', not one line of text without blanks at its ends"),
        ("[spam]", "is a list, not text"),
        ("{a: b}", "is a group of keys, not text"),
        ("x" * 101, "is longer than 100 characters"),
    ],
)
def test_names_that_are_no_labels(name: str, rule: str) -> None:
    found = only(GOOD.replace("name: ham", f"name: {name}"))
    assert (found.line, found.key, found.rule) == (11, "questions[0].labels[1].name", rule)


def test_yes_and_no_are_labels() -> None:
    """YAML 1.2, unlike 1.1, takes them for words."""
    project = parse_project(
        GOOD.replace("name: ham", "name: no").replace("name: spam", "name: yes")
    )
    assert QUESTION_TYPES["single_label"].classes(project.questions[0]) == ("yes", "no")


@pytest.mark.parametrize("twin", ["spam", "Spam", "spam.", '"“spam”"'])
def test_labels_that_are_one(twin: str) -> None:
    found = only(GOOD.replace("name: ham", f"name: {twin}"))
    assert (found.line, found.key) == (5, "questions[0]")
    assert found.remedy == "A reply could mean either: rename or remove one."


@pytest.mark.parametrize(
    ("labels", "rule"),
    [
        ("[{name: spam}]", "has 1 entry; at least 2 are needed"),
        ("[]", "has 0 entries; at least 2 are needed"),
        ("spam", "is 'spam', not a list"),
        ("{spam: Unasked for.}", "is a group of keys, not a list"),
    ],
)
def test_too_few_labels(labels: str, rule: str) -> None:
    head, _, _ = GOOD.partition("    labels:")
    found = only(f"{head}    labels: {labels}\n")
    assert (found.line, found.key, found.rule) == (8, "questions[0].labels", rule)


def test_labels_given_by_their_names_alone() -> None:
    head, _, _ = GOOD.partition("    labels:")
    first, second = problems(f"{head}    labels: [spam, {{name: ham}}, 7]\n")
    assert (first.line, first.key) == (8, "questions[0].labels[0]")
    assert (first.rule, first.remedy) == ("is 'spam', not `key: value`", "Write `{name: spam}`.")
    assert second.remedy == "Write `{name: 7}`."


# ---- known keys and their neighbours


PEOPLE = (
    "daily_goal, gold_share, lease_minutes, mode, most_per_day, most_per_person, other_arm, "
    "overlap, per_item, reask, reask_after, reask_hours, skill_from, training."
)


@pytest.mark.parametrize(
    ("text", "line", "key", "remedy"),
    [
        (GOOD + "tilte: x", 12, "tilte", "Did you mean `title`?"),
        (GOOD + "import_: {}", 12, "import_", "Did you mean `import`?"),
        (GOOD + "llm: {modle: x}", 12, "llm.modle", "Did you mean `model`?"),
        (GOOD + "routing:\n  Budget: 1", 13, "routing.Budget", "Did you mean `budget`?"),
        (GOOD + "import: {colums: {}}", 12, "import.colums", "Did you mean `columns`?"),
        (
            GOOD.replace("description", "desciption"),
            10,
            "questions[0].labels[0].desciption",
            "Did you mean `description`?",
        ),
        (
            GOOD.replace("    text: What", "    lables: []\n    text: What"),
            7,
            "questions[0].lables",
            "Did you mean `labels`?",
        ),
        (GOOD + "people: {zzz: 1}", 12, "people.zzz", f"Known: {PEOPLE}"),
    ],
)
def test_unknown_keys(text: str, line: int, key: str, remedy: str) -> None:
    assert only(text) == Problem(line, key, "is not a known key", remedy)


TYPES = "multi_label, preference, ranking, rating, single_label, spans, text."


@pytest.mark.parametrize(
    ("given", "rule", "remedy"),
    [
        ("type: singel_label", "is 'singel_label', an unknown question type",
         "Did you mean `single_label`?"),
        ("type: 3", "is '3', an unknown question type", "Known: " + TYPES),
        ("typ: single_label", "is required", "Set it to one of " + TYPES),
    ],
)  # fmt: skip
def test_question_types(given: str, rule: str, remedy: str) -> None:
    found = only(GOOD.replace("type: single_label", given))
    assert found.key == "questions[0].type"
    assert (found.rule, found.remedy) == (rule, remedy)
    assert found.line == (6 if given.startswith("type") else 5)


@pytest.mark.parametrize("key", ["project", "title", "fields", "questions"])
def test_what_is_required(key: str) -> None:
    said = YAML(typ="safe").load(GOOD)
    del said[key]
    found = only(str(said))  # flow style: YAML reads Python's
    assert found == Problem(1, key, "is required", f"Add `{key}:`.")


@pytest.mark.parametrize(
    ("lines", "key", "rule"),
    [
        ("llm: {timeout_s: .inf}", "llm.timeout_s", "is inf, not a finite number"),
        ("llm: {temperature: .nan}", "llm.temperature", "is nan, not a finite number"),
        ("llm: {samples: true}", "llm.samples", "is True, not a whole number"),
        ('llm: {samples: "2"}', "llm.samples", "is '2', not a whole number"),
        ("llm: {confidence: maybe}", "llm.confidence", "is 'maybe', not true or false"),
        ("llm: {top_p: 0}", "llm.top_p", "is 0, but must be more than 0"),
        ("llm: {variants: []}", "llm.variants", "names no variant"),
        ("llm: {variants: [challenge]}", "llm.variants",
         "is only `challenge`, which leads against a first answer"),
        ("llm: {provider: openai}", "llm.model", "is required for provider openai"),
        ('llm: {base_url: "http://"}', "llm.base_url", "'http://' is no address"),
        ('llm: {base_url: "http://x:y/v1"}', "llm.base_url", "'http://x:y/v1' is no address"),
        ('llm: {base_url: "http://[::1/v1"}', "llm.base_url", "'http://[::1/v1' is no address"),
        ('llm: {base_url: "ftp://host/v1"}', "llm.base_url", "'ftp://host/v1' is no address"),
        ("llm: {api_key_env: MY KEY}", "llm.api_key_env",
         "is 'MY KEY', not the name of an environment variable"),
        ("routing: {policy: threshold}", "routing.threshold", "is required for policy threshold"),
        ("routing: {policy: threshold, threshold: 0.1, budget: 0.2}", "routing.budget",
         "is not used by policy threshold"),
        ("routing: {policy: random, threshold: 0.1}", "routing.threshold",
         "is not used by policy random"),
        ("routing: {policy: cost, hour_usd: 20}", "routing.error_usd",
         "is required for policy cost"),
        ("routing: {policy: promise}", "routing.target_error", "is required for policy promise"),
        ("routing: {budget: 0.1, budget_items: 5}", "routing.budget_items",
         "is given, and `budget` too"),
        ("routing: {max_usd: 5}", "routing.max_usd", "is not used by policy budget"),
        ("routing: {policy: promise, target_error: 0.1, signal: entropy}", "routing.signal",
         "is entropy, but policy promise reckons with chances of an error"),
        ("routing: {seed: 9223372036854775808}", "routing.seed",
         "is 9223372036854775808, but must be less than 9223372036854775808"),
        ("import: {gold: {mial: x}}", "import.gold.mial",
         "'mial' is not one of the project's questions"),
        ("1: x", "[1]", "keys should be strings"),
    ],
)  # fmt: skip
def test_single_rules(lines: str, key: str, rule: str) -> None:
    found = only(GOOD + lines)
    assert (found.line, found.key, found.rule) == (12, key, rule)
    assert found.remedy


EXCLUDING = (
    GOOD
    + """\
llm:
  provider: {provider}
  model: m
  variants: {variants}
  exclude: {names}
"""
)


@pytest.mark.parametrize(
    ("names", "at", "rule", "remedy"),
    [
        ("[confirmaton]", "[0]", "'confirmaton' is no variant of this project",
         "Did you mean `confirmation`?"),
        ("[question, true_false]", "[1]", "'true_false' is no variant of this project",
         "Known: challenge, confirmation, question."),
        ('[question, "confirmation:spum"]', "[1]",
         "'confirmation:spum' is no variant of this project", "Did you mean `confirmation:spam`?"),
        ("[question, confirmation, challenge]", "", "leaves no variant to question 'mail'",
         "Take one back."),
        ('[question, "confirmation:spam", "confirmation:ham"]', "",
         "leaves only `challenge`, which leads against a first answer to question 'mail'",
         "Take one back."),
        ("question", "", "is 'question', not a list",
         "Variants that are asked no more and whose stored votes no longer count; the name of a "
         "way stands for all its classes."),
        ("[3]", "[0]", "is 3, a number, not text", "Put quotes around it."),
    ],
)  # fmt: skip
def test_what_cannot_be_excluded(names: str, at: str, rule: str, remedy: str) -> None:
    variants = "[question, confirmation, challenge]"
    found = only(EXCLUDING.format(provider="openai", variants=variants, names=names))
    assert found == Problem(16, f"llm.exclude{at}", rule, remedy)


@pytest.mark.parametrize(
    ("provider", "names"),
    [
        ("openai", ["question", "true_false:spam"]),
        ("gguf", ["true_false", "confirmation"]),
        ("local", ["wording_2", "dropout_4"]),
    ],
)
def test_what_can_be_excluded(provider: str, names: list[str]) -> None:
    text = EXCLUDING.format(provider=provider, variants="coannotating", names=names)
    assert parse_project(text).llm.exclude == tuple(names)


@pytest.mark.parametrize(
    ("provider", "name"),
    [("local", "question"), ("openai", "wording_1"), ("decisions", "question")],
)
def test_each_provider_has_its_own_variants(provider: str, name: str) -> None:
    found = problems(EXCLUDING.format(provider=provider, variants="default", names=[name]))
    assert (found[0].key, found[0].rule) == (
        "llm.exclude[0]",
        f"{name!r} is no variant of this project",
    )


def test_the_only_decision_cannot_be_excluded() -> None:
    text = EXCLUDING.format(provider="decisions", variants="default", names="[decision]")
    assert only(text).rule == "leaves no variant to question 'mail'"


def test_a_wrong_label_does_not_make_an_exclusion_wrong() -> None:
    text = EXCLUDING.format(provider="openai", variants="[true_false]", names='["true_false:1"]')
    assert only(text.replace("name: ham", "name: 1")).key == "questions[0].labels[1].name"


def told(text: str) -> Project | None:
    """The project, if it is one; else every problem has a rule and a remedy."""
    try:
        return parse_project(text)
    except InvalidProject as error:
        found = error.problems
    assert found
    assert all(problem.rule and problem.remedy for problem in found)
    return None


@given(st.text(max_size=300))
def test_no_text_is_anything_but_a_project_or_a_list_of_problems(text: str) -> None:
    told(text)


@given(st.data())
def test_whatever_stands_at_a_key_is_told_there(data: st.DataObject) -> None:
    """Replacing any value of a good file by anything else never raises another error."""
    said: Any = YAML(typ="safe").load(GOOD)
    said |= {"llm": {"model": "m", "variants": ["question"]}, "routing": {"budget": 0.3}}
    node = said
    while True:
        keys = sorted(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = data.draw(_ANYTHING)
    told(_dump(said))


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=5,
)


def _dump(said: object) -> str:
    out = io.StringIO()
    YAML(typ="safe").dump(said, out)
    return out.getvalue()
