"""Records of servers: kept per address and model, and what a project goes by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotate.errors import ProviderError
from annotate.llm.servers.capabilities import Capabilities, Feature
from annotate.llm.servers.transport import OPENAI
from annotate.model import Person
from annotate.project.settings import LLMSettings
from annotate.store import Store
from annotate.workflow.prelabels.connecting import chosen, connect, keep, known, summary, untried
from tests.small import START
from tests.tiny_gguf import write_tiny_gguf

YES, NO = Feature("yes", "seen"), Feature("no", "404")


def seen(base_url: str = OPENAI, model: str = "m", **features: Any) -> Capabilities:
    return Capabilities(base_url=base_url, model=model, rate_limits={}, **features)


def asking(provider: str = "openai", **said: object) -> LLMSettings:
    return LLMSettings.model_validate({"provider": provider, "model": "m", **said})


def test_a_record_stands_for_one_address_and_model(store: Store) -> None:
    assert known(store, asking()) is None
    keep(store, seen(json_schema=YES), now=START)
    found = known(store, asking())
    assert found is not None
    assert (found.base_url, found.json_schema) == (OPENAI, YES)
    assert known(store, asking(model="n")) is None
    assert known(store, asking(base_url="http://one/v1")) is None
    keep(store, seen(json_schema=NO), now=START)
    again = known(store, asking())
    assert again is not None
    assert again.json_schema == NO


def test_a_record_that_cannot_be_read_is_none(store: Store) -> None:
    store.connections.keep(OPENAI, "m", '{"of": "another version"}', now="2026-01-01")
    assert known(store, asking()) is None


def test_a_changed_model_file_is_tried_anew(store: Store, tmp_path: Path, lead: Person) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    llm = asking("gguf", model=str(path))
    assert untried(store, llm)
    keep(store, connect(llm, None, actor=lead), now=START)
    assert not untried(store, llm)
    with path.open("ab") as file:
        file.write(b"\0")
    assert untried(store, llm)


@pytest.mark.parametrize(
    ("llm", "goes_by"),
    [
        (asking("auto"), True),
        (asking("auto", structured="off", logprobs="off"), True),
        (asking(), True),
        (asking(structured="off"), True),
        (asking(structured="off", logprobs="off"), False),
        (asking("decisions"), False),
        (asking("systemone"), False),
        (LLMSettings(), False),
    ],
    ids=str,
)
def test_who_needs_a_record(store: Store, llm: LLMSettings, goes_by: bool) -> None:
    assert untried(store, llm) == goes_by
    keep(store, seen(), now=START)
    assert not untried(store, llm)


@pytest.mark.parametrize(
    ("record", "provider", "told"),
    [
        (seen(decisions=YES, systemone=YES, chat=YES), "decisions", "/v1/decisions, a probability"),
        (seen(decisions=NO, systemone=YES), "systemone", "/v1/systemone, a probability"),
        (seen(decisions=NO, systemone=NO, chat=YES), "openai", "chat"),
        (seen(), "openai", "chat"),
    ],
)
def test_auto_takes_the_best_that_was_seen(record: Capabilities, provider: str, told: str) -> None:
    auto = asking("auto", temperature=0.5)
    assert chosen(auto, record) == asking(provider, temperature=0.5)
    assert f"`llm.provider: auto` asks through {told}" in summary(auto, record)


def test_auto_is_nothing_without_a_record() -> None:
    assert chosen(asking(), None) == asking()
    with pytest.raises(ProviderError, match="`coannotate connect` does that") as caught:
        chosen(asking("auto"), None)
    assert caught.value.fatal
