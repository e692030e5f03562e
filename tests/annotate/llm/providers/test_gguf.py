"""A model file run in this process, by the real llama.cpp."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest

from annotate.errors import ProviderError
from annotate.llm.prompts import Message, Prompt
from annotate.llm.providers import PROVIDERS, Reply
from annotate.llm.providers import gguf as module
from annotate.llm.providers.gguf import GGUFChat, LlamaServer, content_mark
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.llm.providers.protocol import Form
from annotate.project.settings import LLMSettings
from tests.tiny_gguf import CONTEXT, write_tiny_gguf


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="module")
def server(path: Path) -> Iterator[LlamaServer]:
    running = LlamaServer(path)
    yield running
    running.stop()


@pytest.fixture
def client(server: LlamaServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0) as made:
        yield made


def settings(path: Path, **changes: object) -> LLMSettings:
    return LLMSettings.model_validate({"provider": "gguf", "model": str(path), **changes})


def prompt(text: str) -> Prompt:
    return Prompt((Message("system", "Label the text."), Message("user", text)), "v1", "h")


def complete(settings_: LLMSettings, key: str | None, text: str) -> Reply:
    """One call to a running server through the provider for servers."""

    async def call() -> Reply:
        chat = OpenAIChat(settings_, key)
        try:
            return await chat.complete(prompt(text), sample=0)
        finally:
            await chat.close()

    return asyncio.run(call())


# the server


def test_a_schema_binds_even_a_model_that_talks_nonsense(client: openai.OpenAI) -> None:
    labels = ["billing", "delivery"]
    schema: dict[str, object] = {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": labels}},
        "required": ["label"],
        "additionalProperties": False,
    }
    chosen = set()
    for seed in range(12):
        answer = client.chat.completions.create(
            model="tiny.gguf",
            messages=[{"role": "user", "content": "Where is my parcel?"}],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "label", "strict": True, "schema": schema},
            },
            seed=seed,
            max_tokens=100,
        )
        chosen.add(json.loads(answer.choices[0].message.content or "")["label"])
    assert chosen == {"billing", "delivery"}


def test_log_probabilities_with_alternatives(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="tiny.gguf",
        messages=[{"role": "user", "content": "hi"}],
        max_tokens=3,
        temperature=0,
        logprobs=True,
        top_logprobs=20,
    )
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    assert [len(token.top_logprobs) for token in logprobs.content] == [20, 20, 20]
    for token in logprobs.content:
        told = [one.logprob for one in token.top_logprobs]
        assert told == sorted(told, reverse=True)
        assert token.logprob == told[0]  # temperature 0 takes the likeliest
        assert 0 < sum(map(math.exp, told)) <= 1


def test_a_text_that_is_too_long_fails_alone(server: LlamaServer) -> None:
    asked = settings(Path(server.model), base_url=server.base_url)
    with pytest.raises(ProviderError, match=f"available context size \\({CONTEXT} tokens\\)") as e:
        complete(asked, server.key, "word " * CONTEXT)
    assert not e.value.fatal


def test_a_wrong_key_ends_the_run_in_one_line(server: LlamaServer) -> None:
    asked = settings(Path(server.model), base_url=server.base_url)
    for key in ("wrong-key", None):
        with pytest.raises(ProviderError, match=r"refused the key \(401\)") as caught:
            complete(asked, key, "hi")
        assert caught.value.fatal
        assert "\n" not in caught.value.why


def test_a_stopped_server_is_gone(path: Path) -> None:
    server = LlamaServer(path)
    health = server.base_url.replace("/v1", "/health")
    assert httpx2.get(health, trust_env=False).json() == {"status": "ok"}
    server.stop()
    server.stop()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(health, trust_env=False)


# the provider


def test_the_provider_runs_the_file_and_names_its_content(path: Path) -> None:
    async def run() -> list[Reply]:
        provider = PROVIDERS["gguf"](settings(path, max_tokens=7), None)
        assert provider.model == f"tiny.gguf@{content_mark(path)}"
        calls = [provider.complete(prompt(f"text {at}"), sample=0) for at in range(5)]
        replies = await asyncio.gather(*calls)
        await provider.close()
        return replies

    replies = asyncio.run(run())
    assert [(r.finish_reason, r.tokens_out) for r in replies] == [("length", 7)] * 5
    assert all(r.text for r in replies)


def test_a_reply_in_a_form_with_its_tokens(path: Path) -> None:
    labels = ["billing", "交货"]
    properties = {"label": {"type": "string", "enum": labels}}
    schema = {
        "type": "object",
        "properties": properties,
        "required": ["label"],
        "additionalProperties": False,
    }

    async def run() -> list[Reply]:
        provider = GGUFChat(settings(path, max_tokens=60), None)
        form = Form(schema=schema, top_logprobs=5)
        calls = [provider.complete(prompt(f"text {at}"), sample=0, form=form) for at in range(8)]
        replies = await asyncio.gather(*calls)
        assert provider.dropped == ()
        await provider.close()
        return replies

    said = set()
    for reply in asyncio.run(run()):
        assert reply.text is not None
        assert reply.tokens is not None
        said.add(json.loads(reply.text)["label"])
        # around an answer in a schema, llama.cpp lets the model write a fence that it then removes
        assert reply.text in "".join(token.text for token in reply.tokens)
        assert all(len(token.likeliest) >= 5 for token in reply.tokens)
        assert all(token.logprob <= 0 for token in reply.tokens)
    assert said == set(labels)


def test_the_model_is_loaded_at_the_first_call(tmp_path: Path, path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(path.read_bytes()[:3_000])

    async def run() -> None:
        provider = GGUFChat(settings(cut), None)
        await provider.close()
        with pytest.raises(ProviderError, match=r"llama\.cpp cannot load it"):
            await provider.complete(prompt("a"), sample=0)

    asyncio.run(run())


def test_a_provider_that_was_closed_can_be_used_again(path: Path) -> None:
    async def run() -> list[int | None]:
        provider = GGUFChat(settings(path, max_tokens=2), None)
        counts = []
        for _ in range(2):
            counts.append((await provider.complete(prompt("a"), sample=0)).tokens_out)
            await provider.close()
        return counts

    assert asyncio.run(run()) == [2, 2]


def test_another_file_of_the_same_name_is_another_model(tmp_path: Path, path: Path) -> None:
    same = write_tiny_gguf(tmp_path / "tiny.gguf")
    assert content_mark(same) == content_mark(path)
    write_tiny_gguf(same, seed=1)
    assert content_mark(same) != content_mark(path)


# what is no model


def fatal(path: Path) -> str:
    with pytest.raises(ProviderError) as caught:
        GGUFChat(settings(path), None)
    assert caught.value.fatal
    return caught.value.why


def test_without_the_package(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGE", "no_such_package_here")
    assert fatal(path) == (
        "provider gguf needs the package no_such_package_here: pip install 'coannotate[gguf]'"
    )


def test_without_the_file(tmp_path: Path) -> None:
    assert "No such file" in fatal(tmp_path / "none.gguf")
    assert "`llm.model` is the path of a .gguf file" in fatal(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"GGU"])
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    assert "is not a GGUF file" in fatal(path)


def test_a_file_that_is_cut_off(tmp_path: Path, path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    for size in (8, 3_000, 200_000):
        cut.write_bytes(path.read_bytes()[:size])
        with pytest.raises(ProviderError, match=r"llama\.cpp cannot load it") as caught:
            LlamaServer(cut)
        assert caught.value.fatal
