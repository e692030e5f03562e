"""The Batch API over HTTP: each call made once, whatever the server does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from annotate.errors import ProviderError
from annotate.llm.batching.batches import BatchServer, Remote
from annotate.llm.batching.files import call_line
from annotate.project.settings import LLMSettings
from tests.llm_server import FAULTS, BatchSettings, LLMServer, Step, failure
from tests.llm_server.asking import KEY
from tests.llm_server.faults import hang, page, sends

T = TypeVar("T")


def ask(server: LLMServer, do: Callable[[BatchServer], Awaitable[T]], timeout_s: float = 5.0) -> T:
    async def run() -> T:
        llm = {"model": "test-model", "base_url": server.base_url, "timeout_s": timeout_s}
        batches = BatchServer(LLMSettings.model_validate(llm), KEY, backoff_s=0.001, settle_s=0.001)
        try:
            return await do(batches)
        finally:
            await batches.close()

    return asyncio.run(run())


def refusal_of(server: LLMServer, do: Callable[[BatchServer], Awaitable[object]]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(server, do)
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)
    return caught.value


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = tmp_path / "calls.jsonl"
    messages = [{"role": "user", "content": "是垃圾邮件吗?"}]
    body = {"model": "test-model", "messages": messages}
    path.write_bytes(call_line("c1", body) + call_line("c2", body))
    return path


def submitting(calls: Path) -> Callable[[BatchServer], Awaitable[Remote]]:
    async def submit(batches: BatchServer) -> Remote:
        return await batches.create(await batches.upload(calls, "mine.jsonl"), "record1")

    return submit


def test_from_the_upload_to_the_results(server: LLMServer, calls: Path, tmp_path: Path) -> None:
    async def run(batches: BatchServer) -> None:
        await batches.check()
        remote = await submitting(calls)(batches)
        assert (remote.status, remote.tag, remote.ended) == ("validating", "record1", False)
        while not remote.ended:
            remote = await batches.get(remote.id)
        assert (remote.status, remote.done, remote.failed) == ("completed", 2, 0)
        assert remote.output_file_id is not None
        await batches.save(remote.output_file_id, tmp_path / "out")

    ask(server, run)
    [uploaded, _] = server.files.stored.values()
    assert (uploaded.name, uploaded.content) == ("mine.jsonl", calls.read_bytes())
    lines = (tmp_path / "out").read_bytes().splitlines()
    assert {json.loads(line)["custom_id"] for line in lines} == {"c1", "c2"}
    assert server.served["是垃圾邮件吗?"] == 2


@pytest.mark.parametrize(
    "fault", [failure(502), failure(429), failure(500), FAULTS["hang_up"], FAULTS["broken_json"]]
)
def test_a_batch_whose_answer_got_lost_is_found_and_not_submitted_again(
    server: LLMServer, calls: Path, fault: Step
) -> None:
    async def run(batches: BatchServer) -> Remote:
        file_id = await batches.upload(calls, "mine.jsonl")
        server.batches.afterwards.append(fault)
        return await batches.create(file_id, "record1")

    remote = ask(server, run)
    assert list(server.batches.made) == [remote.id]


def test_a_batch_that_was_not_taken_is_submitted_again(server: LLMServer, calls: Path) -> None:
    async def run(batches: BatchServer) -> Remote:
        file_id = await batches.upload(calls, "mine.jsonl")
        server.batches.instead += [failure(503), failure(503)]  # the second: the list, asked again
        return await batches.create(file_id, "record1")

    remote = ask(server, run)
    assert list(server.batches.made) == [remote.id]
    assert server.batches.requests == [
        "POST /v1/files",
        "POST /v1/batches",
        "GET /v1/batches",
        "GET /v1/batches",
        "POST /v1/batches",
    ]


def test_a_file_that_is_not_known_yet_is_waited_for(server: LLMServer, calls: Path) -> None:
    async def run(batches: BatchServer) -> Remote:
        file_id = await batches.upload(calls, "mine.jsonl")
        server.batches.instead.append(failure(400, f"Cannot find file {file_id}"))
        return await batches.create(file_id, "record1")

    assert ask(server, run).id in server.batches.made


def test_a_server_that_never_answers_leaves_no_second_batch(server: LLMServer, calls: Path) -> None:
    async def run(batches: BatchServer) -> Remote:
        file_id = await batches.upload(calls, "mine.jsonl")
        server.batches.afterwards.append(hang)
        return await batches.create(file_id, "record1")

    remote = ask(server, run, timeout_s=0.5)
    assert list(server.batches.made) == [remote.id]


def test_a_batch_is_found_among_many_by_its_tag_or_its_file(server: LLMServer, calls: Path) -> None:
    async def run(batches: BatchServer) -> None:
        mine = await submitting(calls)(batches)
        other = await batches.upload(calls, "other.jsonl")
        for at in range(205):
            await batches.create(other, f"other{at}")
        assert mine.input_file_id is not None
        assert (await batches.find("no-such-file", "record1")) == mine
        assert (await batches.find(mine.input_file_id, "no-such-tag")) == mine
        assert (await batches.find("no-such-file", "no-such-tag")) is None

    ask(server, run)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (failure(404, "Not Found"), "(404)"),
        (failure(405), "(405)"),
        (failure(501, "off"), "(501)"),
        (page(404, b"<html>nothing here</html>"), "(404)"),
        (sends({"message": "Hello"}), "(its answer to GET /batches is no list)"),
    ],
)
def test_a_server_without_a_batch_api(server: LLMServer, fault: Step, said: str) -> None:
    server.batches.instead.append(fault)
    error = refusal_of(server, lambda batches: batches.check())
    assert error.fatal
    assert str(error) == f"{server.base_url} has no Batch API {said}: leave out --batch"


def test_a_refused_key_is_told_without_the_key(server: LLMServer) -> None:
    server.key = "another"
    error = refusal_of(server, lambda batches: batches.check())
    assert "refused the key (401)" in str(error)


def test_a_refused_submission_is_told_at_once(server: LLMServer, calls: Path) -> None:
    async def run(batches: BatchServer) -> None:
        file_id = await batches.upload(calls, "mine.jsonl")
        server.batches.instead.append(failure(400, "no such endpoint"))
        await batches.create(file_id, "record1")

    assert "no such endpoint" in str(refusal_of(server, run))
    assert server.batches.requests == ["POST /v1/files", "POST /v1/batches"]


def test_an_upload_that_is_too_large(server: LLMServer, calls: Path) -> None:
    server.files.largest = 10
    try:
        error = refusal_of(server, lambda batches: batches.upload(calls, "mine.jsonl"))
    finally:
        server.files.largest = 200 * 10**6
    assert "413" in str(error)


def test_a_fetch_that_breaks_off_is_begun_again(
    server: LLMServer, calls: Path, tmp_path: Path
) -> None:
    file = server.files.add("out.jsonl", "batch_output", b"x" * 300_000)

    async def run(batches: BatchServer) -> None:
        server.batches.instead += [FAULTS["hang_up"], failure(503)]
        await batches.save(file.id, tmp_path / "out")

    ask(server, run)
    assert (tmp_path / "out").read_bytes() == file.content


def test_a_fetch_that_drips_is_given_up(server: LLMServer, tmp_path: Path) -> None:
    file = server.files.add("out.jsonl", "batch_output", b"{}\n")

    async def run(batches: BatchServer) -> None:
        server.batches.instead += [FAULTS["drip"]] * 3
        await batches.save(file.id, tmp_path / "out")

    with pytest.raises(ProviderError, match="the connection broke"):
        ask(server, run, timeout_s=0.5)


def test_cancelling(server: LLMServer, calls: Path) -> None:
    server.batches.settings = BatchSettings(answered=1)

    async def run(batches: BatchServer) -> None:
        remote = await batches.cancel((await submitting(calls)(batches)).id)
        assert remote.status == "cancelling"
        remote = await batches.get(remote.id)
        assert (remote.status, remote.done) == ("cancelled", 1)

    ask(server, run)


def test_why_a_batch_was_refused(server: LLMServer, calls: Path) -> None:
    server.batches.settings = BatchSettings(limit=1)

    async def run(batches: BatchServer) -> Remote:
        return await batches.get((await submitting(calls)(batches)).id)

    remote = ask(server, run)
    assert remote.status == "failed"
    assert remote.errors == (
        ("too_many_requests", "The batch input file contains more than 1 requests."),
    )


@pytest.mark.parametrize("body", [[], "batch", {"id": 3, "status": "completed"}, {"id": "b"}])
def test_an_answer_that_is_no_batch(server: LLMServer, body: object) -> None:
    server.batches.instead.append(sends(body))
    assert "the answer is no batch" in str(refusal_of(server, lambda b: b.get("batch_1")))


def test_a_batch_told_oddly(server: LLMServer) -> None:
    odd = {
        "id": "b",
        "status": "completed",
        "output_file_id": "",
        "request_counts": {"completed": "many", "failed": -1},
        "metadata": ["x"],
        "errors": {"data": ["broken", {"code": None}]},
    }
    server.batches.instead.append(sends(odd))
    remote = ask(server, lambda batches: batches.get("b"))
    assert remote == Remote("b", "completed", errors=(("None", "None"), ("None", "None")))
