"""One run in a process of its own; writes what it took as JSON.

`python -m tests.bench.prelabel.client fill DATABASE CALLS` makes the items; `... ours DATABASE
CALLS CONCURRENCY ADDRESS` pre-labels them with everything stored; `... plain ...` is the loop that
people write: all calls gathered behind a semaphore, answers kept in a list.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

from openai import AsyncOpenAI

from annotate.clock import iso
from annotate.hashing import digest
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.prompts import ask
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.llm.variants import expand
from annotate.model import Item
from annotate.people import operator
from annotate.project import Project
from annotate.store import open_store
from annotate.workflow.prelabels.prelabelling import prelabel
from tests.small import START, item, know, small_project

WORDS = "the parcel came late and nobody answered my letters so please tell me what to do now "


def text(at: int) -> str:
    """About 400 characters, different for each item."""
    return f"mail {at}: {WORDS * 5}"[:400]


def project(address: str, concurrency: int) -> Project:
    """One call for each item."""
    llm = {
        "provider": "openai",
        "model": "test-model",
        "base_url": address,
        "variants": ["question"],
        "concurrency": concurrency,
    }
    return small_project(guideline="Spam is what nobody asked for.", llm=llm)


def fill(database: Path, calls: int) -> None:
    mails = project("http://127.0.0.1:9/v1", 1)
    with open_store(database) as store:
        know(store, mails)
        store.items.add(made(mails, at) for at in range(calls))


def made(mails: Project, at: int) -> Item:
    return Item(
        id=digest(mails.project, at),
        project=mails.project,
        position=at,
        key=f"id:{at}",
        content_hash=digest(at),
        fields={"text": text(at)},
        metadata={},
        created_at=iso(START),
    )


def ours(database: Path, calls: int, concurrency: int, address: str) -> int:
    """Answers in the database."""
    mails = project(address, concurrency)
    question = mails.questions[0]
    with open_store(database) as store:
        prelabel(
            store,
            mails,
            question,
            ChatPrelabeller(mails, question, OpenAIChat(mails.llm, "none")),
            actor=operator(START),
            clock=lambda: datetime.now(UTC),
            new_id=lambda: "round",
        )
        return store.progress.outcomes(mails.project, question.name).get("parsed", 0)


def plain(database: Path, calls: int, concurrency: int, address: str) -> int:
    """Answers in the list."""
    # the same bytes on the wire: our own prompt with a mark for the text
    mails = project(address, concurrency)
    question = mails.questions[0]
    [variant] = expand(["question"], [])
    marked = replace(item(mails, 0), fields={"text": "MARK"})
    system, user = ask(mails, question, marked, variant).prompt.messages

    async def gathered() -> list[str | BaseException | None]:
        places = asyncio.Semaphore(concurrency)

        async def one(at: int) -> str | None:
            async with places:
                answer = await client.chat.completions.create(
                    model="test-model",
                    messages=[
                        {"role": "system", "content": system.content},
                        {"role": "user", "content": user.content.replace("MARK", text(at))},
                    ],
                )
            return answer.choices[0].message.content

        async with AsyncOpenAI(base_url=address, api_key="none") as client:
            return await asyncio.gather(*map(one, range(calls)), return_exceptions=True)

    return sum(isinstance(answer, str) for answer in asyncio.run(gathered()))


RUNS: dict[str, Callable[[Path, int, int, str], int]] = {"ours": ours, "plain": plain}


def main(what: str, database: str, calls: str, *rest: str) -> None:
    if what == "fill":
        fill(Path(database), int(calls))
        return
    concurrency, address = rest
    plain(Path(), 10, 10, address)  # what the client library imports and reads at its first call
    wall, cpu = perf_counter(), process_time()
    answers = RUNS[what](Path(database), int(calls), int(concurrency), address)
    told = {
        "wall_s": perf_counter() - wall,
        "cpu_s": process_time() - cpu,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "answers": answers,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
