"""The real server as a process of its own, on a free port."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Server:
    """url: where it listens, without a slash at the end."""

    process: subprocess.Popen[str]
    url: str


@contextmanager
def serving(
    folder: Path, *, person: str | None = None, port: int = 0, variables: Mapping[str, str] = {}
) -> Iterator[Server]:
    """A server for this workspace; it is killed at the end if it still runs. port: 0 for any."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    environment.pop("COANNOTATE_PERSON", None)
    if person is not None:
        environment["COANNOTATE_PERSON"] = person
    environment |= variables
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(folder), str(port)],
        cwd=folder,
        env=environment,
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
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as answer:
            assert answer.read() == b"ok\n"
        yield Server(process, url)
    finally:
        process.kill()
        process.communicate()
