"""Batches in other hands, given up, or at a server in trouble."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.responses import Response

from annotate.errors import Busy, Conflict, ProviderError
from annotate.llm.batching.files import Limits
from annotate.workflow.batches.submitting import Pace
from tests.annotate.support.batching import LOOK_ONCE, ONE, After, BatchDesk, Before, asked_once
from tests.llm_server import BatchSettings, Call, LLMServer, failure
from tests.llm_server.faults import echo
from tests.llm_server.fixtures import World
from tests.llm_server.forked import KEY, project
from tests.small import add_items

# who may not interfere


def test_nobody_asks_directly_what_is_under_way(
    desk: BatchDesk, world: World, server: LLMServer
) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    desk.run(mails, LOOK_ONCE)
    with pytest.raises(Busy, match="mail: under way at the server: 1 batch with 4 calls") as caught:
        world.prelabel(mails)
    assert "`coannotate prelabel --batch` fetches them" in str(caught.value)
    desk.run(mails)
    assert world.prelabel(mails).calls == 0
    assert asked_once(server)


def test_other_settings_do_not_lose_what_is_under_way(desk: BatchDesk, server: LLMServer) -> None:
    mails, other = project(server.base_url, **ONE), project(server.base_url, temperature=1.0)
    add_items(desk.store, mails, 5)
    desk.run(mails, LOOK_ONCE)
    with pytest.raises(Conflict, match="1 batch with 4 calls, submitted under other settings"):
        desk.run(other)
    assert desk.run(mails).answers.outcomes == {"parsed": 4}
    assert desk.run(other).answers.calls == 25


def test_a_refresh_waits_for_what_is_under_way(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    desk.run(mails, LOOK_ONCE)
    report = desk.run(mails, refresh=True)
    assert (report.answers.resumed, report.answers.outcomes) == (True, {"parsed": 4})
    assert asked_once(server)


# giving up


def test_giving_up_keeps_what_was_answered(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 9)
    server.batches.settings = BatchSettings(seconds=3600, answered=1)
    desk.run(mails, replace(LOOK_ONCE, limits=Limits(calls=3, bytes=10**6)))
    [report] = desk.cancel(mails)
    assert report.answers.outcomes == {"parsed": 3}
    assert report.answers.stopped is None
    assert desk.store.batches.under_way("mails", "mail") == []
    server.batches.settings = BatchSettings()
    assert desk.run(mails).answers.outcomes == {"parsed": 5}
    assert asked_once(server)


def test_giving_up_what_the_server_has_forgotten(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    desk.run(mails, LOOK_ONCE)
    server.batches.made.clear()
    with pytest.raises(ProviderError, match="No batch found") as caught:
        desk.run(mails)
    assert "coannotate batches --cancel" in str(caught.value)
    desk.cancel(mails)
    assert [batch.state for batch in desk.batches(mails)] == ["given up"]
    assert desk.run(mails).answers.outcomes == {"parsed": 4}


def test_giving_up_batches_of_other_settings(desk: BatchDesk, server: LLMServer) -> None:
    mails, other = project(server.base_url, **ONE), project(server.base_url, temperature=1.0)
    add_items(desk.store, mails, 5)
    server.batches.settings = BatchSettings(seconds=3600)
    desk.run(mails, LOOK_ONCE)
    assert desk.cancel(other) == []
    [made] = server.batches.made.values()
    assert made.told["status"] == "cancelling"
    assert [batch.state for batch in desk.batches(mails)] == ["given up"]
    assert "is given up: it was submitted under other settings" in desk.told[0]


def test_giving_up_with_nothing_under_way(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url)
    add_items(desk.store, mails, 2)
    assert desk.cancel(mails) == []
    assert server.batches.requests == []


def test_a_batch_that_was_cancelled_elsewhere_is_not_submitted_again(
    desk: BatchDesk, server: LLMServer
) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 9)
    server.batches.settings = BatchSettings(end="cancelled", answered=3, polls=1)
    report = desk.run(mails)
    assert report.answers.outcomes == {"parsed": 4}
    assert report.answers.stopped is not None
    assert report.answers.stopped.endswith("was cancelled")
    assert len(server.batches.made) == 1


# a server in trouble


def test_a_network_that_comes_back_is_waited_for(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    desk.run(mails, LOOK_ONCE)
    server.batches.instead += [failure(503, "down")] * 20
    assert desk.run(mails).answers.outcomes == {"parsed": 4}
    assert asked_once(server)


def test_a_network_that_does_not_come_back_ends_the_run(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    desk.run(mails, LOOK_ONCE)
    server.batches.instead += [failure(503, "down")] * 200
    with pytest.raises(ProviderError, match="503 down"):
        desk.run(mails)
    server.batches.instead.clear()
    assert desk.run(mails).answers.outcomes == {"parsed": 4}


def test_a_submission_that_nobody_knows_the_end_of(desk: BatchDesk, server: LLMServer) -> None:
    """The server takes the batch and then is gone; the next run finds it."""
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)

    async def gone(call: Call) -> Response:
        server.batches.instead += [failure(503, "down")] * 50
        return Response(status_code=503)

    with After(server, "POST /v1/batches", gone), pytest.raises(ProviderError, match="503"):
        desk.run(mails)
    assert [batch.state for batch in desk.batches(mails)] == ["uploaded"]
    server.batches.instead.clear()
    assert desk.run(mails).answers.outcomes == {"parsed": 4}
    assert len(server.batches.made) == 1


def test_a_submission_that_is_refused_leaves_nothing(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    refusal = failure(400, "Billing hard limit has been reached")
    with Before(server, "POST /v1/batches", refusal), pytest.raises(ProviderError, match="Billing"):
        desk.run(mails)
    assert desk.batches(mails) == []
    assert desk.run(mails).answers.outcomes == {"parsed": 4}


def test_an_input_file_that_is_refused(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 9)
    server.batches.settings = BatchSettings(limit=5)
    with pytest.raises(ProviderError) as caught:
        desk.run(mails)
    assert str(caught.value).endswith(
        "The batch input file contains more than 5 requests. Nothing was run"
    )
    [batch] = desk.batches(mails)
    assert (batch.state, batch.cost_usd) == ("refused", None)
    server.batches.settings = BatchSettings()
    assert desk.run(mails).answers.calls == 8


@pytest.mark.parametrize("files", [40, 10])
def test_a_server_that_takes_fewer_calls_at_once_gets_fewer(
    desk: BatchDesk, server: LLMServer, files: int
) -> None:
    """Whether one file is too much for it, or all of them together."""
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 41)
    server.batches.settings = BatchSettings(at_once=12)
    report = desk.run(mails, Pace(Limits(calls=files, bytes=10**6), poll_s=0.001))
    assert report.answers.outcomes == {"parsed": 41}
    assert asked_once(server)
    assert "Enqueued token limit reached. Going on with" in " ".join(desk.told)
    sizes = [batch.calls for batch in desk.batches(mails) if batch.state == "fetched"]
    assert sum(sizes) == 40
    assert max(sizes) <= 12


def test_no_key_is_kept(desk: BatchDesk, server: LLMServer, database: Path) -> None:
    """Not even where the server repeats it."""
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 6)
    server.answer = lambda call: (
        echo(500, "bad key {}") if "mail 3" in call.prompt else f"spam {call.key}"
    )
    report = desk.run(mails)
    assert report.answers.outcomes["error"] == 1
    assert "[key]" in (report.answers.first_error or "")
    desk.store.close()
    files = [path.read_bytes() for path in database.parent.iterdir() if path.is_file()]
    assert files
    assert not any(KEY.encode() in content for content in files)
    desk.__post_init__()
