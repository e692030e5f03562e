"""How a loader's script says what it has loaded: one JSON object a line on standard output."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback
from collections.abc import Callable
from typing import Any


def attempt(what: str, work: Callable[[], Any]) -> None:
    """Do it; say whether it went, and what came of it or what went wrong."""
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            said, good = str(work()), True
    except BaseException as error:  # noqa: BLE001  a trainer may end in anything, SystemExit too
        said, good = f"{type(error).__name__}: {error}"[:300], False
        traceback.print_exc(file=sys.stderr)
    sys.stdout.write(json.dumps({"what": what, "good": good, "said": said[:300]}) + "\n")
    sys.stdout.flush()


def expect(good: bool, why: str) -> None:
    """Raises ValueError with `why` where something loaded, but not as it was meant."""
    if not good:
        raise ValueError(why)
