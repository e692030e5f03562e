"""JSON replies and token probabilities over HTTP, down to what is stored."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from annotate.llm.chat import ChatPrelabeller
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.llm.structured import Abilities
from annotate.project import Project
from tests.llm_server import Call, LLMServer
from tests.llm_server.faults import Step, completion, sends
from tests.llm_server.fixtures import World
from tests.llm_server.forked import KEY, project
from tests.small import add_items

BOTH = Abilities(json_schema=True, top_logprobs=20)


def able(mails: Project, abilities: Abilities = BOTH) -> ChatPrelabeller:
    provider = OpenAIChat(mails.llm, KEY, backoff_s=0.001)
    return ChatPrelabeller(mails, mails.questions[0], provider, abilities=abilities)


def schema(call: Call) -> dict[str, Any] | None:
    wanted = call.body.get("response_format")
    return wanted and wanted["json_schema"]["schema"]


def says(text: str, *tokens: tuple[str, dict[str, float]], finish_reason: str = "stop") -> Step:
    """A reply with the alternatives at each of its tokens."""
    body = completion(text, finish_reason=finish_reason)
    if tokens:
        body["choices"][0]["logprobs"] = {"content": [_token(*token) for token in tokens]}
    return sends(body)


def _token(text: str, chances: dict[str, float]) -> dict[str, Any]:
    told = [
        {"token": one, "logprob": math.log(chance), "bytes": list(one.encode())}
        for one, chance in chances.items()
    ]
    own = next((one for one in told if one["token"] == text), {"token": text, "logprob": 0.0})
    return {**own, "bytes": list(text.encode()), "top_logprobs": told}


def obliging(call: Call) -> Step:
    """A model that keeps to the form: ham, with seven to three."""
    if schema(call) is None:
        shown = dict(zip("AB", ("spam", "ham"), strict=True))
        if "(A) ham" in call.prompt:
            shown = {"A": "ham", "B": "spam"}
        letter = next(one for one, label in shown.items() if label == "ham")
        other = "AB".replace(letter, "")
        return says(letter, (letter, {letter: 0.63, other: 0.27, "I": 0.1}))
    text = '{"label": "ham", "confidence": 0.75}'
    return says(
        text,
        ('{"label": "', {'{"label": "': 0.9, "ham": 0.1}),
        ("ham", {"ham": 0.7, "spam": 0.2, "h": 0.1}),
        ('", "confidence": 0.75}', {'", "confidence": 0.75}': 1.0}),
    )


def test_every_variant_in_its_form(world: World, server: LLMServer) -> None:
    mails = project(server.base_url)
    add_items(world.store, mails, 1)
    server.answer = obliging
    assert world.prelabel(mails, able(mails)).outcomes == {"parsed": 5}
    bound = [call for call in server.calls if schema(call) is not None]
    assert len(bound) == 4
    enums = [json.dumps(schema(call)["properties"]["label"]["enum"]) for call in bound]  # type: ignore[index]
    assert enums == ['["spam", "ham"]'] * 3 + ['["no", "spam", "ham"]']
    for call in server.calls:
        assert (call.body["logprobs"], call.body["top_logprobs"]) == (True, 20)
    stored = {p.variant: p for p in world.stored(mails)}
    for variant, one in stored.items():
        assert one.value == "ham"
        if variant == "multiple_choice":
            assert one.probabilities == pytest.approx({"spam": 0.3, "ham": 0.7})
            assert one.label_mass == pytest.approx(0.9)
            assert one.prompt_version == "single_label/en/multiple_choice.v1+system.v1"
        else:
            assert one.probabilities == pytest.approx({"spam": 0.2, "ham": 0.8})
            assert one.label_mass == pytest.approx(1.0)
            assert one.confidence == 0.75
            assert one.prompt_version == f"single_label/en/{variant}.v1+system.v1+json.v1"


def test_nothing_is_sent_that_was_not_seen_or_not_wanted(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["instruction", "multiple_choice"])
    add_items(world.store, mails, 1)
    unwanted = project(
        server.base_url, variants=["instruction", "multiple_choice"], structured="off",
        logprobs="off", confidence=False,
    )  # fmt: skip
    world.prelabel(mails, able(mails, Abilities.NONE))
    world.prelabel(unwanted, able(unwanted))
    assert len(server.calls) == 4
    for call in server.calls:
        assert call.body.keys() == {"model", "messages"}


def test_a_wrong_label_is_repaired_in_the_same_form(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["instruction"])
    add_items(world.store, mails, 1)
    server.script.append(says('{"label": "eggs", "confidence": 1.0}'))
    server.answer = obliging
    assert world.prelabel(mails, able(mails)).outcomes == {"repaired": 1}
    [stored] = world.stored(mails)
    assert (stored.value, stored.reason) == ("ham", "at first: 'eggs' is not an answer")
    assert stored.probabilities == pytest.approx({"spam": 0.2, "ham": 0.8})
    assert stored.tokens_in == 80  # both calls
    first, second = server.calls
    assert second.body["response_format"] == first.body["response_format"]
    assert second.messages[-1][1].startswith("'eggs' is not one of: spam, ham. ")


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("ham", "parsed"),
        ("ham\nconfidence: 0.5", "parsed"),
        ('```json\n{"label": "ham", "confidence": 0.5}\n```', "parsed"),
        ('{"label": "HAM"}', "parsed"),
        ('{"label": "eggs", "confidence": 0.5}', "invalid"),
        ('{"label": ["ham"], "confidence": 0.5}', "invalid"),
        ('{"confidence": 0.5}', "invalid"),
        ('{"label": "ham", "label": "spam"}', "invalid"),
        ('{"label": "ham", "confidence": 0', "invalid"),
        ("It is ham, I think.", "invalid"),
    ],
)
def test_a_server_that_ignores_the_schema(
    world: World, server: LLMServer, reply: str, outcome: str
) -> None:
    mails = project(server.base_url, variants=["instruction"])
    add_items(world.store, mails, 1)
    server.answer = lambda call: reply
    assert world.prelabel(mails, able(mails)).outcomes == {outcome: 1}
    [stored] = world.stored(mails)
    assert stored.value == ("ham" if outcome == "parsed" else None)
    assert (stored.probabilities, stored.label_mass, stored.raw) == (None, None, reply)
    assert len(server.calls) == (1 if outcome == "parsed" else 2)


def test_an_object_that_is_cut_off(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["instruction"])
    add_items(world.store, mails, 1)
    server.answer = lambda call: says('{"label": "ha', finish_reason="length")
    assert world.prelabel(mails, able(mails)).outcomes == {"truncated": 1}
    [stored] = world.stored(mails)
    assert stored.reason == "the answer was cut off: raise `llm.max_tokens`"
    assert len(server.calls) == 1


def test_a_round_in_another_form_asks_again_and_only_once(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["instruction"])
    add_items(world.store, mails, 2)
    server.answer = lambda call: "ham"
    assert world.prelabel(mails, able(mails, Abilities.NONE)).calls == 2
    assert world.prelabel(mails, able(mails)).calls == 2
    assert world.prelabel(mails, able(mails)).calls == 0
    assert len({p.call for p in world.stored(mails)}) == 4
