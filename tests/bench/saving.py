"""How many people one process serves: `python -m tests.bench.saving [PEOPLE] [SECONDS] [ITEMS]`.

The saving door in a process of its own, and 500 people unless told otherwise who each answer one
task every 5 s and ask for another, over HTTP from a second process, with a queue of 100,000 items.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from tests.app.server.saving import NAME, Mortal
from tests.app.world import MAIL, services_in, set_up
from tests.small import add_items, add_slots, small_project, someone

PEOPLE = 500
SECONDS = 30.0
ITEMS = 100_000
EVERY_S = 5.0
HELD = 5


async def exchange(port: int, name: str, body: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """The reply, and how long it took in seconds, with a connection of its own."""
    text = json.dumps(body).encode()
    start = perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /api/projects/mails/sync HTTP/1.1\r\nHost: localhost\r\n{NAME}: {name}\r\n"
        f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + text)
    answer = await reader.read()
    took = perf_counter() - start
    writer.close()
    reply: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return reply, took


async def work(port: int, name: str, end: float, took: list[float]) -> None:
    """One person: an answer and a wish for one more task, every five seconds from anywhere."""
    chance = random.Random(name)
    await asyncio.sleep(chance.random() * EVERY_S)
    reply, _ = await exchange(port, name, {"request": "r", "want": HELD})
    tasks = reply["tasks"]
    number = 0
    while perf_counter() < end and tasks:
        task, *tasks = tasks
        number += 1
        op = {"op": "answer", "id": f"{name}-{number}", "task": task["id"],
              "attempt": task["attempt"], "answers": {"topic": "parcel"}}  # fmt: skip
        holding = [one["id"] for one in tasks]
        body = {"request": "r", "ops": [op], "holding": holding, "want": 1}
        reply, seconds = await exchange(port, name, body)
        assert reply["results"][0]["status"] == "stored"
        took.append(seconds)
        tasks += reply["tasks"]
        await asyncio.sleep(max(0.0, EVERY_S - seconds))


async def together(port: int, people: int, seconds: float) -> list[float]:
    took: list[float] = []
    end = perf_counter() + seconds
    await asyncio.gather(*(work(port, f"p{at}", end, took) for at in range(people)))
    return took


def main(people: int = PEOPLE, seconds: float = SECONDS, items: int = ITEMS) -> None:
    """Write one line: saves per second, and how long they took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        services = services_in(folder)
        set_up(services, MAIL, [], upto="nothing")
        with services.open("mails") as (store, _):
            add_slots(
                store, small_project(), add_items(store, small_project(), items), question="topic"
            )
            with store.transaction():
                for at in range(people):
                    someone(store, f"p{at}")
        with Mortal(folder) as server:
            took = np.array(asyncio.run(together(server.port, people, seconds))) * 1e3
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    sys.stdout.write(
        f"{people} people: {len(took) / seconds:,.0f} saves per s, "
        f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms\n"
    )


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((int, float, int), sys.argv[1:], strict=False)))
