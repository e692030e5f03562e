"""Processes forked from one that has imported everything: each starts within milliseconds."""

from __future__ import annotations

import contextlib
import multiprocessing
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

ROOT = Path(__file__).parents[1]
EVERYTHING = [
    # what a server imports, at once and for its first pages
    *("app.server", "app.main", "uvicorn.loops.auto", "uvicorn.protocols.http.auto"),
    *(f"app.pages.{file.stem}" for file in sorted((ROOT / "app" / "pages").glob("*.py"))),
    *(
        "annotate.workflow.consensus.weighing",
        "annotate.workflow.routes.learning",
        "pandas",
        "pyarrow.compute",
    ),
    *("rich.progress", "sklearn.feature_extraction.text", "sklearn.linear_model"),
    # what the tests run in processes of their own
    *(
        "tests.app.server.saving",
        "tests.app.serving",
        "tests.annotate.support.pledge",
        "tests.annotate.support.workers",
    ),
]


def forking() -> ForkServerContext:
    """Of all tests of this process: whoever comes first waits for the imports, once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(EVERYTHING)
    with contextlib.chdir(ROOT):  # from where `tests` can be imported
        forkserver.ensure_running()
    return context
