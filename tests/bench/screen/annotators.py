"""Simulated annotators over HTTP: each answers an item every few seconds, as the desk does."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

PREFETCH = 12
LOW_WATER = 6
BEGINNING = PREFETCH - LOW_WATER
"""Turns within which everybody begins: so many answers lie between two times of taking items. Who
begins together would take together for the rest of their days."""
TURNS_BEFORE = BEGINNING + 1
"""Then everybody has begun and had a turn: what is measured begins here."""


@dataclass
class Annotator:
    """url: of the server. cookie, token: of a session of this person. save_s: of every answer."""

    url: str
    project: str
    cookie: str
    token: str
    queue: list[dict[str, Any]] = field(default_factory=list)
    save_s: list[float] = field(default_factory=list)
    failed: int = 0
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def work(self, every_s: float, until: float, measured_from: float) -> None:
        """Answer until this moment of the clock, beginning anywhere before the measuring does; each
        answer takes between half and one and a half times `every_s`."""
        await asyncio.sleep(random.random() * BEGINNING * every_s)
        await self.sync([])
        while perf_counter() < until:
            began = perf_counter()
            if not self.queue:
                await self.sync([])
            else:
                await self.answer(self.queue.pop(0), measured=began > measured_from)
            turn_s = every_s * random.uniform(0.5, 1.5)
            await asyncio.sleep(max(0.0, turn_s - (perf_counter() - began)))

    async def answer(self, task: dict[str, Any], *, measured: bool) -> None:
        question = task["questions"][0]
        value = random.choice(question["options"])["value"]
        op = {
            "op": "answer",
            "id": str(uuid.uuid4()),
            "task": task["id"],
            "attempt": task["attempt"],
            "answers": {question["name"]: value},
            "seconds": {question["name"]: 4.0},
            "exposure": {"mode": "blind"},
        }
        began = perf_counter()
        reply = await self.sync([op])
        stored = reply is not None and reply["results"][0]["status"] == "stored"
        if not stored:
            self.failed += 1
        elif measured:
            self.save_s.append(perf_counter() - began)

    async def sync(self, ops: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The reply; None where there was none that is good."""
        held = [task["id"] for task in self.queue]
        want = 0 if len(held) > LOW_WATER else PREFETCH - len(held)
        body = {"request": str(uuid.uuid4()), "ops": ops, "holding": held, "want": want}
        sent = json.dumps(body).encode()
        try:
            reply = await self._post(sent)
        except (asyncio.IncompleteReadError, ConnectionError):  # the server had closed it
            self._streams = None
            reply = await self._post(sent)
        if reply is not None:
            self.token = reply["token"]
            self.queue += reply["tasks"]
        return reply

    async def _post(self, body: bytes) -> dict[str, Any] | None:
        address = urlsplit(self.url)
        if self._streams is None:
            self._streams = await asyncio.open_connection(address.hostname, address.port)
        reader, writer = self._streams
        head = (
            f"POST /api/projects/{self.project}/sync HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Origin: {self.url}\r\nCookie: {self.cookie}\r\nX-Coannotate-Token: {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        headers = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(headers.split(" ", 2)[1])
        [length] = [
            int(line.partition(":")[2])
            for line in headers.split("\r\n")
            if line.lower().startswith("content-length:")
        ]
        answer = await reader.readexactly(length)
        return json.loads(answer) if status == 200 else None


async def _all(people: Sequence[Annotator], every_s: float, seconds: float) -> None:
    now = perf_counter()
    warm = now + TURNS_BEFORE * every_s
    await asyncio.gather(*(one.work(every_s, warm + seconds, warm) for one in people))


def main() -> None:
    """Reads {"people": [...], "every_s", "seconds"} and writes {"save_s": [...], "failed"}."""
    told = json.load(sys.stdin)
    people = [Annotator(**one) for one in told["people"]]
    asyncio.run(_all(people, told["every_s"], told["seconds"]))
    save_s = [took for one in people for took in one.save_s]
    json.dump({"save_s": save_s, "failed": sum(one.failed for one in people)}, sys.stdout)


if __name__ == "__main__":
    main()
