"""The saving door alone, in a process that can be killed, and browsers that do not give up."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from annotate.errors import NotSignedIn
from annotate.model import Person
from annotate.store import Store
from app.api import routes
from app.config import Config
from app.services import Services
from tests.forking import forking

NAME = "X-Name"
PATIENCE_S = 10.0


def _admit(store: Store, connection: HTTPConnection, project: str) -> tuple[Person, str]:
    person = store.people.named(connection.headers.get(NAME, ""))
    if person is None:
        raise NotSignedIn("nobody")
    return person, "token"


def serve_saving(folder: Path, port: int) -> None:
    """Serve until killed. Whoever `X-Name` says is signed in; the clock is the machine's."""
    services = Services(Config(folder, None, folder / "no-hub", {}), now=lambda: datetime.now(UTC))
    app = Starlette(routes=routes(services, admit=_admit))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    server.run(sockets=[_bound(port)])


def _bound(port: int) -> socket.socket:
    """A socket at this port, 0 for any free one, which it shares with others made here alone."""
    bound = socket.socket()
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        bound.setsockopt(socket.SOL_SOCKET, option, 1)
    bound.bind(("127.0.0.1", port))
    return bound


class Mortal:
    """A server that is killed and comes back on the same port.

    Forked from a process that has imported everything: back within some 10 ms.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._context = forking()
        # it never listens, but holds the port while no server does: else another test may get it
        self._place = _bound(0)
        self.port = int(self._place.getsockname()[1])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._place.close()

    @property
    def runs(self) -> bool:
        return self._process.is_alive()

    def start(self) -> None:
        self._process = self._context.Process(target=serve_saving, args=(self._folder, self.port))
        self._process.start()
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert self.runs, "the server does not start"
                time.sleep(0.002)
            else:
                return

    def kill(self) -> None:
        """SIGKILL: nothing is told, nothing is finished."""
        self._process.kill()
        self._process.join()


@dataclass
class Outbox:
    """One person's browser as a thread: answers, skips and takes back, and sends until it is told.

    told: operation -> what the server said came of it. meant: item -> the answer that should
    count, None for one that was skipped or taken back. resent: requests that got no reply.
    """

    name: str
    port: int
    project: str
    question: str
    values: tuple[str, ...]
    seed: int
    told: dict[str, str] = field(default_factory=dict)
    meant: dict[str, str | None] = field(default_factory=dict)
    resent: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    _tasks: list[dict[str, Any]] = field(default_factory=list)
    _ops: list[dict[str, Any]] = field(default_factory=list)
    _answered: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> None:
        """Until `stop`; and then until everything was acknowledged."""
        chance = random.Random(self.seed)
        while not self.stop.is_set():
            self._ops += self._doings(chance)
            self._exchange()
        self._ops += self._doings(chance)
        while self._ops:
            self._exchange()

    def _doings(self, chance: random.Random) -> list[dict[str, Any]]:
        """What a person does next: mostly an answer; nothing while too much waits to be sent."""
        if not self._tasks or len(self._ops) >= 4:
            return []
        if self._answered and chance.random() < 0.15:
            last = self._answered.pop()
            self.meant[last["task"]] = None
            return [{"op": "undo", "id": self._new_id(chance), "target": last["id"]}]
        task, *self._tasks = self._tasks
        op = {"id": self._new_id(chance), "task": task["id"], "attempt": task["attempt"]}
        if chance.random() < 0.1:
            self.meant[task["id"]] = None
            return [op | {"op": "skip"}]
        value = chance.choice(self.values)
        self.meant[task["id"]] = value
        answer = op | {"op": "answer", "answers": {self.question: value}}
        self._answered.append(answer)
        return [answer]

    def _new_id(self, chance: random.Random) -> str:
        return f"{self.name}-{chance.getrandbits(64):x}"

    def _exchange(self) -> None:
        """Everything that is not acknowledged, in one request; nothing changes without a reply."""
        holding = [task["id"] for task in self._tasks]
        body = {"request": "r", "ops": self._ops, "holding": holding, "want": 3}
        try:
            reply = self._post(body)
        except (OSError, http.client.HTTPException):
            self.resent += 1
            time.sleep(0.005)
            return
        for result in reply["results"]:
            self.told[result["id"]] = result["status"]
        self._ops = [op for op in self._ops if op["id"] not in self.told]
        known = {*holding, *(op["task"] for op in self._ops if "task" in op)}
        self._tasks += [task for task in reply["tasks"] if task["id"] not in known]
        self._tasks = [task for task in self._tasks if task["id"] not in reply["lost"]]

    def _post(self, body: dict[str, Any]) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            path = f"/api/projects/{self.project}/sync"
            connection.request("POST", path, json.dumps(body), {NAME: self.name})
            response = connection.getresponse()
            read = response.read()
            assert response.status == 200, read
            return json.loads(read)
        finally:
            connection.close()
