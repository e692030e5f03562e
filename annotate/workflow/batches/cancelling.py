"""Give batches up: cancel them at the server, and keep what was answered until then."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from annotate.clock import iso
from annotate.errors import ProviderError
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.store.machine.batches import Batch
from annotate.workflow.batches.batching import (
    Batched,
    Surroundings,
    batch_run,
    latest_round,
    shared_books,
    together,
)
from annotate.workflow.batches.run import BatchReport, BatchRun


def cancel_batches(
    store: Store,
    project: Project,
    asked: Sequence[Batched],
    around: Surroundings,
    *,
    actor: Person,
) -> list[BatchReport]:
    """Cancel what is under way. What was answered until then is paid, and is fetched.

    Batches of other settings are cancelled too, but nobody can read their answers any more.
    Raises NotAllowed and ProviderError.
    """
    require(actor, "prelabel")
    books = shared_books(asked)
    runs: list[BatchRun] = []
    foreign: list[Batch] = []
    for one in asked:
        latest = latest_round(store, project, one)
        under_way = store.batches.under_way(project.project, one.question.name)
        mine = [batch for batch in under_way if latest and batch.round_id == latest.id]
        foreign += [batch for batch in under_way if batch not in mine]
        if latest is not None and mine:
            runs.append(batch_run(store, one, latest, True, books, around))

    async def all_of_them() -> None:
        for batch in foreign:
            await _give_up(store, batch, asked, around)
        await together(runs, asked, around, giving_up=True)

    asyncio.run(all_of_them())
    return [run.report for run in runs]


async def _give_up(
    store: Store, batch: Batch, asked: Sequence[Batched], around: Surroundings
) -> None:
    """Cancel a batch of other settings, where its server is still one of ours."""
    servers = {member.server.base_url: member.server for one in asked for member in one.members}
    server = servers.get(batch.base_url)
    why = "it was submitted under other settings"
    if batch.server_id is not None:
        try:
            if server is not None:
                await server.cancel(batch.server_id)
        except ProviderError as error:
            why += f"; it could not be cancelled ({error.why})"
        if server is None:
            why += f"; {batch.base_url} still works on it: cancel it there"
    store.batches.give_up(batch.id, why, now=iso(around.clock()))
    around.tell(f"{batch.question}: batch {batch.server_id or batch.number} is given up: {why}")
