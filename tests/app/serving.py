"""The real server as a process of its own, on a free port."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from app.config import PERSON, from_environment
from app.server import serve
from tests.forking import ROOT, forking

LAUNCH = """
import sys
from pathlib import Path
from app.config import from_environment
from app.server import serve
serve(
    from_environment(Path(sys.argv[1])),
    port=int(sys.argv[2]),
    open_browser=False,
    on_ready=lambda url: print(url, flush=True),
)
"""


@dataclass(frozen=True, slots=True)
class Server:
    """url: where it listens, without a slash at the end."""

    process: BaseProcess
    url: str


@contextmanager
def serving(
    folder: Path, *, person: str | None = None, port: int = 0, variables: Mapping[str, str] = {}
) -> Iterator[Server]:
    """A server for this workspace; it is killed at the end if it still runs. port: 0 for any."""
    context = forking()
    ours, its = context.Pipe()
    arguments = (folder, port, _environment(person, variables), its)
    process = context.Process(target=_serve, args=arguments)
    process.start()
    its.close()
    try:
        url = ours.recv()
        assert url.startswith("http"), url
        _check(url)
        yield Server(process, url)
    finally:
        process.kill()
        process.join()


def _serve(folder: Path, port: int, environment: Mapping[str, str], said: Connection) -> None:
    """In the process of its own: says where it listens, or why it does not."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    try:
        serve(from_environment(folder), port=port, open_browser=False, on_ready=said.send)
    except Exception:
        said.send(traceback.format_exc())
        raise


@dataclass(frozen=True, slots=True)
class Launched:
    """As `Server`, but a program of its own from its first line on."""

    process: subprocess.Popen[str]
    url: str


@contextmanager
def launched(folder: Path) -> Iterator[Launched]:
    """A server that was not forked: slower, but with signals and streams as people have them."""
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(folder), "0"],
        cwd=folder,
        env=_environment(None, {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            _, said = process.communicate(timeout=10)
            raise AssertionError(said)
        _check(url)
        yield Launched(process, url)
    finally:
        process.kill()
        process.communicate()


def _environment(person: str | None, variables: Mapping[str, str]) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    environment.pop(PERSON, None)
    if person is not None:
        environment[PERSON] = person
    return {**environment, **variables}


def _check(url: str) -> None:
    with urllib.request.urlopen(f"{url}/healthz", timeout=10) as answer:
        assert answer.read() == b"ok\n"
