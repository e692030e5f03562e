"""An ensemble in a project file: who inherits what, and what is wrong with it."""

from __future__ import annotations

import pytest

from annotate.project import json_schema, parse_project
from annotate.project.settings import LLMSettings
from tests.annotate.support.project_file import GOOD, problems

PRICE = 'price: {usd_per_m_in: 1, usd_per_m_out: 2, as_of: "2026-11-20"}'


def models(llm: str) -> dict[str, LLMSettings]:
    return dict(parse_project(GOOD + llm).llm.models())


def test_without_an_ensemble_there_is_one_model_without_a_name() -> None:
    llm = parse_project(GOOD + "llm: {provider: openai, model: m}\n").llm
    assert llm.models() == (("", llm),)
    assert parse_project(GOOD + "llm: {ensemble: []}\n").llm.models()[0][0] == ""


def test_members_take_what_they_do_not_say_from_llm() -> None:
    found = models(
        """
llm:
  provider: openai
  base_url: http://one/v1
  api_key_env: ONE_KEY
  temperature: 0.5
  variants: [instruction]
  samples: 3
  max_calls: 100
  ensemble:
  - model: maker/small-7b
  - {name: warm, model: maker/small-7b, temperature: 1.0, samples: 5, concurrency: 2}
  - {name: judge, provider: decisions, model: luna}
  - {provider: local}
"""
    )
    assert list(found) == ["small-7b", "warm", "judge", "local"]
    small, warm, judge = found["small-7b"], found["warm"], found["judge"]
    assert (small.model, small.temperature, small.samples) == ("maker/small-7b", 0.5, 3)
    assert (warm.temperature, warm.samples, warm.concurrency) == (1.0, 5, 2)
    assert warm.variants == ("instruction",)
    assert (judge.provider, judge.base_url, judge.api_key_env) == (
        "decisions",
        "http://one/v1",
        "ONE_KEY",
    )
    assert all(one.max_calls == 100 and one.ensemble == () for one in found.values())


def test_a_key_goes_no_further_than_the_server_it_stands_beside() -> None:
    found = models(
        """
llm:
  provider: openai
  base_url: http://one/v1
  api_key_env: ONE_KEY
  model: m
  ensemble:
  - {name: same}
  - {name: other, base_url: http://two/v1}
  - {name: named, base_url: http://two/v1, api_key_env: TWO_KEY}
"""
    )
    said = {name: "api_key_env" in llm.model_fields_set for name, llm in found.items()}
    assert said == {"same": True, "other": False, "named": True}
    assert found["other"].api_key_env == "OPENAI_API_KEY"
    assert found["named"].api_key_env == "TWO_KEY"


def test_a_price_goes_no_further_than_its_model() -> None:
    ensemble = "ensemble: [{}, {model: other}]"
    one = models(f"llm: {{provider: openai, model: m, {PRICE}, {ensemble}}}\n")
    assert [llm.price is None for llm in one.values()] == [False, True]
    both = "ensemble: [{model: m}, {model: other}]"
    shared = models(f"llm: {{provider: openai, {PRICE}, {both}}}\n")
    assert [llm.price is None for llm in shared.values()] == [False, False]


def told(llm: str) -> list[tuple[int | None, str, str]]:
    return [(p.line, p.key, p.rule) for p in problems(GOOD + llm)]


@pytest.mark.parametrize(
    ("member", "key", "rule"),
    [
        ("{name: x}", "llm.ensemble[1].model", "is required for provider openai"),
        ("{model: a}", "llm.ensemble[1].model", "'a' is the name of an earlier member too"),
        ("{model: b, name: a}", "llm.ensemble[1].name", "'a' is the name of an earlier member too"),
        ("{model: b, name: a/b}", "llm.ensemble[1].name", "is 'a/b', not 1 to 64 letters, digits"),
        ("{model: b, provider: opanai}", "llm.ensemble[1].provider", "'opanai' is unknown"),
        ("{model: b, max_calls: 3}", "llm.ensemble[1].max_calls", "is not a known key"),
        ("{model: b, temperature: 3}", "llm.ensemble[1].temperature", "is 3, but must be at most"),
        ("{model: b, base_url: here}", "llm.ensemble[1].base_url", "'here' is no address"),
        ("{model: b, variants: [rhyme]}", "llm.ensemble[1].variants[0]", "'rhyme' is unknown"),
        ("{model: b, provider: local}", "llm.ensemble[1]", "names a model or a server, but its"),
        (
            "{model: b, api_key_env: sk_proj_abcdefgh1234}",
            "llm.ensemble[1].api_key_env",
            "looks like the key itself",
        ),
        ("b", "llm.ensemble[1]", "is 'b', not `key: value`"),
    ],
)
def test_what_is_wrong_with_a_member(member: str, key: str, rule: str) -> None:
    """One problem, in the member's own line."""
    head = "llm:\n  provider: openai\n  ensemble:\n  - {model: a}\n"
    ((line, found_key, found_rule),) = told(f"{head}  - {member}\n")
    assert (line, found_key) == (16, key)
    assert found_rule.startswith(rule)


def test_what_is_wrong_in_llm_itself_is_told_once() -> None:
    members = "ensemble: [{model: a}, {model: b}]"
    assert [found[1:] for found in told(f"llm: {{provider: opanai, {members}}}\n")] == [
        ("llm.provider", "'opanai' is unknown")
    ]
    assert [found[1:] for found in told(f"llm: {{base_url: here, {members}}}\n")] == [
        ("llm.base_url", "'here' is no address"),
        ("llm.ensemble[0]", "names a model or a server, but its provider is local"),
        ("llm.ensemble[1]", "names a model or a server, but its provider is local"),
    ]


def test_a_cost_cap_needs_the_price_of_every_member_that_is_paid() -> None:
    head = "llm:\n  provider: openai\n  max_cost_usd: 5\n  ensemble:\n"
    members = (
        f"  - {{model: a, max_tokens: 20, {PRICE}}}\n"
        "  - {model: b, max_tokens: 20}\n"
        f"  - {{model: c, {PRICE}}}\n"
        f"  - {{model: d, provider: decisions, {PRICE}}}\n"
        "  - {provider: local}\n"
    )
    assert told(head + members) == [
        (14, "llm.max_cost_usd", "cannot be kept without `price` of member 'b'"),
        (14, "llm.max_cost_usd", "cannot be kept without `max_tokens` of member 'c'"),
    ]


def test_a_decision_endpoint_alone_needs_no_longest_answer() -> None:
    llm = f"llm: {{provider: decisions, model: m, max_cost_usd: 5, {PRICE}}}\n"
    assert parse_project(GOOD + llm).llm.max_cost_usd == 5


def test_editors_know_the_keys_of_a_member() -> None:
    schema = json_schema()["$defs"]["MemberSettings"]
    assert {"name", "model", "base_url", "price", "samples"} <= schema["properties"].keys()
    assert not {"max_calls", "max_cost_usd", "ensemble"} & schema["properties"].keys()
