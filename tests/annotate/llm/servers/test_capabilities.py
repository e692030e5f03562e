"""Trying a server out: each record tells what that server really does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from annotate.errors import NotAllowed, NothingToDo, ProviderError
from annotate.llm.providers.gguf import content_mark
from annotate.llm.servers.capabilities import NOT_TRIED, TITLES, Capabilities, Feature
from annotate.llm.servers.probe import CAP, probe
from annotate.llm.servers.verdicts import UNHEARD_OF, Failed, Said, limit, schema, seeded
from annotate.model import Person
from annotate.project.settings import LLMSettings
from annotate.workflow.prelabels.connecting import connect
from tests.decision_server import DecisionServer, Features, body
from tests.tiny_gguf import write_tiny_gguf

LEAD = Person("p1", "Ada", "lead", "2026-01-01")
ANNOTATOR = Person("p2", "Bo", "annotator", "2026-01-01")


@pytest.fixture(scope="module")
def running() -> Iterator[DecisionServer]:
    with DecisionServer() as server:
        yield server


@pytest.fixture
def server(running: DecisionServer) -> DecisionServer:
    running.reset(Features())
    return running


def verdicts(found: Capabilities) -> dict[str, str]:
    return {name: getattr(found, name).verdict for name in TITLES}


def look(server: DecisionServer, features: Features) -> Capabilities:
    server.reset(features)
    return probe(server.base_url, "m", None, backoff_s=0.01)


def said(text: str, finish: str = "stop", tokens: int | None = None) -> Said:
    return Said([{"message": {"content": text}, "finish_reason": finish}], "m", tokens)


# whole records


def test_a_server_that_can_do_everything_in_thirteen_requests(server: DecisionServer) -> None:
    features = Features(
        headers={"x-ratelimit-limit-requests": "500", "x-request-id": "r"},
        model_extra={"max_model_len": 4096},
    )
    server.reset(features)
    found = probe(server.base_url, "m", None)
    assert len(server.calls) == 11  # and the lists of models and batches
    assert found.base_url == server.base_url
    assert found.table() == [
        ("model is listed", "yes", "one of 2"),
        ("chat", "yes", "answered 'word word word word word word word word '"),
        ("limit: max_completion_tokens", "yes", "stopped at the limit of 19 tokens"),
        ("limit: max_tokens", "yes", "stopped at the limit of 19 tokens"),
        ("temperature accepted", "yes", "accepted; whether it has an effect was not measured"),
        (
            "JSON schema enforced",
            "yes",
            "the only allowed answer came, one that no model gives of itself",
        ),
        ("log-probabilities", "yes", "20 alternatives for each token"),
        ("several answers (n)", "yes", "2 answers to one request; only 2 were tried"),
        ("seed", "yes", "one seed gave one text twice, another seed another"),
        ("/v1/decisions", "yes", "P(yes) = 0.500"),
        ("/v1/systemone", "yes", "P(yes) = 0.500"),
        ("/v1/batches", "yes", "`prelabel --batch` can be used"),
        ("context length", "yes", "4096 tokens, in the list of models"),
        ("rate limit told", "yes", "x-ratelimit-limit-requests: 500"),
    ]
    assert (found.model, found.answered_as) == ("m", "m-2026")
    assert found.offered == ("m", "other")
    assert (found.top_logprobs, found.context_tokens) == (20, 4096)
    assert found.rate_limits == {"x-ratelimit-limit-requests": "500"}


def test_the_real_llama_server(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    found = connect(LLMSettings(provider="gguf", model=str(path)), None, actor=LEAD)
    assert verdicts(found) == {
        **dict.fromkeys(TITLES, "yes"),
        "decisions": "no",
        "systemone": "no",
        "batches": "no",
        "rate_limit": "no",
    }
    assert found.decisions.seen == "404: File Not Found"
    assert found.systemone.seen == "501: This model is not a decision model"
    assert (found.context_tokens, found.top_logprobs) == (2048, 20)
    assert (found.base_url, found.model) == (str(path), f"tiny.gguf@{content_mark(path)}")


ALL = {**dict.fromkeys(TITLES, "yes"), "context": "unknown", "rate_limit": "no"}
ON_CHAT = ("temperature", "json_schema", "logprobs", "n", "seed")


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({}, {}),
        ({"json_schema": "ignored"}, {"json_schema": "no"}),
        ({"json_schema": "refused"}, {"json_schema": "no"}),
        ({"n": "ignored"}, {"n": "no"}),
        ({"n": "refused"}, {"n": "no"}),
        ({"logprobs": 0}, {"logprobs": "no"}),
        ({"seed": "ignored"}, {"seed": "no"}),
        ({"temperature": "refused"}, {"temperature": "no", "seed": "unknown"}),
        ({"max_completion_tokens": "ignored"}, {"max_completion_tokens": "no"}),
        ({"max_completion_tokens": "refused"}, {"max_completion_tokens": "no"}),
        ({"max_tokens": "refused"}, {"max_tokens": "no"}),
        (
            {"max_tokens": "refused", "max_completion_tokens": "refused"},
            {"max_tokens": "no", "max_completion_tokens": "no"},
        ),
        ({"decisions": False, "systemone": False}, {"decisions": "no", "systemone": "no"}),
        ({"batches": False}, {"batches": "no"}),
        ({"models": None}, {"listed": "unknown"}),
        ({"models": ("a", "b")}, {"listed": "no"}),
        ({"model_extra": {"meta": {"n_ctx": 512}}}, {"context": "yes"}),
        (
            {"chat": False, "decisions": False},
            {
                **dict.fromkeys(("chat", "max_tokens", "max_completion_tokens", "decisions"), "no"),
                **dict.fromkeys(ON_CHAT, "unknown"),
            },
        ),
    ],
    ids=lambda value: "+".join(map(str, value)) or "all",
)
def test_each_server_is_told_from_the_others(
    server: DecisionServer, changes: dict[str, Any], differs: dict[str, str]
) -> None:
    assert verdicts(look(server, Features(**changes))) == {**ALL, **differs}


def test_fewer_alternatives_than_asked_for_are_counted(server: DecisionServer) -> None:
    found = look(server, Features(logprobs=5))
    assert (found.logprobs.verdict, found.top_logprobs) == ("yes", 5)


def test_answers_that_must_be_whole_use_the_limit_that_works(server: DecisionServer) -> None:
    server.reset(Features(max_completion_tokens="ignored"))
    probe(server.base_url, "m", None)
    later = [sent for sent in server.sent("chat/completions")][2:]
    assert later
    assert {sent.get("max_tokens") for sent in later} == {256}
    assert not any("max_completion_tokens" in sent for sent in later)


def test_a_passing_failure_is_no_verdict(server: DecisionServer) -> None:
    busy = body({"error": {"message": "Overloaded"}}, 503)
    server.script.extend([busy, busy])
    found = probe(server.base_url, "m", None, backoff_s=0.01)
    assert found.decisions == Feature("unknown", "503: Overloaded")
    assert found.systemone.verdict == "yes"


# nothing can work


def fatal(call: Any) -> str:
    with pytest.raises(ProviderError) as caught:
        call()
    assert caught.value.fatal
    assert "\n" not in caught.value.why
    return caught.value.why


def test_a_refused_key_stops_at_the_first_request_and_is_not_repeated(
    server: DecisionServer,
) -> None:
    server.reset(Features(key="sk-right-one"))
    why = fatal(lambda: probe(server.base_url, "m", "sk-wrong-one", key_env="MY_KEY"))
    assert server.calls == []
    assert "refused the key (401)" in why
    assert "MY_KEY" in why
    assert "sk-wrong-one" not in why


def test_an_unknown_model_is_told_with_those_there_are(server: DecisionServer) -> None:
    server.reset(Features(only_model="m"))
    why = fatal(lambda: probe(server.base_url, "gpt-x", None))
    assert why == (
        f"{server.base_url} knows no model 'gpt-x' (404: The model `gpt-x` does not exist). "
        "It offers m, other: name one of those in `llm.model`"
    )


def test_a_page_where_the_server_should_be(server: DecisionServer) -> None:
    why = fatal(lambda: look(server, Features(page=True)))
    assert "answered with a page" in why
    assert "/v1" in why


def test_an_address_without_the_end(server: DecisionServer) -> None:
    why = fatal(lambda: probe(server.base_url.removesuffix("/v1"), "m", None))
    assert "it usually ends in /v1" in why


def test_nobody_there() -> None:
    with DecisionServer() as server:
        gone = server.base_url
    why = fatal(lambda: probe(gone, "m", None, backoff_s=0.01))
    assert why == f"{gone} cannot be reached. Is the server running, and is `llm.base_url` right?"


@pytest.mark.parametrize("address", ["localhost:8000/v1", "http://", "/v1"])
def test_no_address_at_all(address: str) -> None:
    assert "is no address of a server" in fatal(lambda: probe(address, "m", None))


def test_the_environment_sends_nothing_to_this_server(
    server: DecisionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaks = {
        "OPENAI_API_KEY": "sk-of-another",
        "OPENAI_ORG_ID": "org-of-another",
        "OPENAI_PROJECT_ID": "proj-of-another",
        "OPENAI_CUSTOM_HEADERS": "X-Secret: of-another",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    for name, value in leaks.items():
        monkeypatch.setenv(name, value)
    probe(server.base_url, "m", None)
    assert server.headers
    assert "of-another" not in json.dumps(server.headers)


# verdicts that need a particular answer


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (said("one, two", "length", CAP), "yes"),
        (said("", "length", CAP), "yes"),
        (said("one, two", "length"), "yes"),
        (said("one", "stop", 3), "unknown"),
        (said("one, two " * 90, "stop", 280), "no"),
        (said("one, two " * 90, "stop"), "no"),
        (said("one, two " * 90, "length", 280), "no"),
        (Failed(ProviderError("x"), 400, "400: model output limit was reached"), "yes"),
        (Failed(ProviderError("x"), 400, "400: unknown parameter"), "no"),
        (Failed(ProviderError("x"), 500, "500: oops"), "unknown"),
    ],
)
def test_a_limit_is_kept_or_not(reply: Said | Failed, verdict: str) -> None:
    assert limit(reply, CAP).verdict == verdict


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (said(f'{{"answer": "{UNHEARD_OF}"}}'), "yes"),
        (said(f' {{"answer":"{UNHEARD_OF}"}}\n'), "yes"),
        (said(f'{{"answer": "{UNHEARD_OF}", "more": 1}}'), "no"),
        (said('{"answer": "blue"}'), "no"),
        (said("Blue."), "no"),
        (said(""), "no"),
        (said("", "length"), "unknown"),
        (said('{"ans', "length"), "unknown"),
        (said("The sky", "length"), "no"),
    ],
)
def test_a_schema_is_enforced_or_not(reply: Said, verdict: str) -> None:
    assert schema(reply).verdict == verdict


@pytest.mark.parametrize(
    ("texts", "verdict"), [("aab", "yes"), ("abc", "no"), ("aba", "no"), ("aaa", "unknown")]
)
def test_a_seed_has_an_effect_or_not(texts: str, verdict: str) -> None:
    assert seeded([said(text) for text in texts]).verdict == verdict


# keeping the record


def test_a_record_survives_as_json(server: DecisionServer) -> None:
    found = look(server, Features(headers={"x-ratelimit-limit-tokens": "9"}))
    assert Capabilities.from_json(found.to_json()) == found


def test_a_record_of_another_version_is_read_as_far_as_it_goes() -> None:
    found = Capabilities(base_url="b", model="m", rate_limits={}, chat=Feature("yes", "x"))
    stored = json.loads(found.to_json())
    del stored["seed"], stored["rate_limits"]
    stored["sings"] = {"verdict": "yes", "seen": "la"}
    again = Capabilities.from_json(json.dumps(stored))
    assert again == replace(found, seed=NOT_TRIED)


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", '{"base_url": "b", "model": "m", "n": {"verdict": "maybe", "seen": ""}}'],
)
def test_what_is_no_record(text: str) -> None:
    with pytest.raises(ValueError, match=r"no record|'maybe' is not one of yes, no, unknown"):
        Capabilities.from_json(text)


def test_the_table_has_every_feature() -> None:
    features = {field.name for field in fields(Capabilities) if field.type == "Feature"}
    assert features == set(TITLES)


# the verb


def test_only_who_may_prelabel_may_connect(server: DecisionServer) -> None:
    settings = LLMSettings(provider="openai", base_url=server.base_url, model="m")
    with pytest.raises(NotAllowed, match="Bo is annotator and may not prelabel"):
        connect(settings, None, actor=ANNOTATOR)
    assert server.calls == []
    assert connect(settings, None, actor=LEAD).chat.verdict == "yes"


def test_the_local_annotator_has_no_server() -> None:
    with pytest.raises(NothingToDo, match="no server to try"):
        connect(LLMSettings(), None, actor=LEAD)
