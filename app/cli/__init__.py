"""`coannotate`: the same verbs for the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from annotate.errors import AnnotateError
from app.cli.output import fail
from app.cli.parser import build_parser

OK, FAILED, INTERRUPTED = 0, 1, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 done, 1 failed (one line says why), 2 wrong usage, 130 Ctrl-C."""
    arguments = build_parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except AnnotateError as error:
        fail(str(error))
        return FAILED
    except KeyboardInterrupt:
        fail("stopped; what was done is kept, the same command goes on from here")
        return INTERRUPTED
    except BrokenPipeError:  # `coannotate status | head`: the reader has seen enough
        sys.stderr.close()
        return OK
    return OK
