"""Pre-labels in a process of its own, so that it can be killed.

`python -m tests.llm_server.forked` is the launcher. Each line that it reads names a database, a
server's address and a way; it forks a child that pre-labels `project(address)` there, directly or
in batches. It writes the child's process id and, when that has ended, how: its exit code, or minus
the signal that ended it. Forking spares every child the seconds of importing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from annotate.llm.batching.files import Limits
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.people import operator
from annotate.project import Project
from annotate.store import open_store
from annotate.workflow.batches import results as batch_results
from annotate.workflow.batches.submitting import Pace
from annotate.workflow.prelabels.prelabelling import prelabel
from tests.annotate.support.batching import BatchDesk
from tests.small import small_project

KEY = "sk-planted-0123456789"
INTERRUPTED = 130
ROOT = Path(__file__).parents[2]


def project(address: str, **llm: Any) -> Project:
    """Mails, pre-labelled by the server at `address`."""
    given = {"provider": "openai", "model": "test-model", "base_url": address, "timeout_s": 5.0}
    return small_project(llm=given | {"concurrency": 4} | llm)


class Forked:
    """The launcher, seen from a test."""

    def __enter__(self) -> Self:
        self._launcher = subprocess.Popen(
            [sys.executable, "-m", "tests.llm_server.forked"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._launcher.stdin
        assert self._launcher.stdout
        self._launcher.stdin.close()
        self._launcher.wait(10)
        self._launcher.stdout.close()

    def start(self, database: Path, address: str, way: str = "direct") -> int:
        """The process id of a child that now pre-labels. way: "direct" or "batch"."""
        assert self._launcher.stdin
        self._launcher.stdin.write(f"{database}\t{address}\t{way}\n")
        self._launcher.stdin.flush()
        return int(self._line())

    def ended(self) -> int:
        """How the child ended; waits until it has."""
        return int(self._line())

    def _line(self) -> str:
        assert self._launcher.stdout
        return self._launcher.stdout.readline().strip()


def main() -> None:
    # what the first call imports and reads, once for all children
    import_module("openai.resources.chat.completions")
    import_module("jinja2.sandbox")
    OpenAIChat(project("http://127.0.0.1:9/v1").llm, KEY)
    say("ready")
    for line in sys.stdin:
        database, address, way = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            os._exit(WAYS[way](Path(database), address))
        say(child)
        _, status = os.waitpid(child, 0)
        say(os.waitstatus_to_exitcode(status))


def work(database: Path, address: str) -> int:
    whole = project(address)
    question = whole.questions[0]
    provider = OpenAIChat(whole.llm, KEY, backoff_s=0.01)
    with open_store(database) as store:
        try:
            report = prelabel(
                store,
                whole,
                question,
                ChatPrelabeller(whole, question, provider),
                actor=operator(now()),
                clock=now,
                new_id=lambda: uuid.uuid4().hex,
            )
        except KeyboardInterrupt:
            return INTERRUPTED
    return 1 if report.outcomes["error"] else 0


def work_in_batches(database: Path, address: str) -> int:
    """In small files and small steps, so that there are many moments to be killed at."""
    batch_results.CHUNK = 4
    desk = BatchDesk(database)
    try:
        report = desk.run(project(address), Pace(Limits(calls=30, bytes=10**6), poll_s=0.005))
    except KeyboardInterrupt:
        return INTERRUPTED
    return 1 if report.answers.outcomes["error"] else 0


WAYS = {"direct": work, "batch": work_in_batches}


def now() -> datetime:
    return datetime.now(UTC)


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
