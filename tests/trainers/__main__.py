"""Every export, taken in a browser, loaded by the trainer it is for.

`python -m tests.trainers ENVIRONMENTS [--rows DIR]`, or `make test-trainers`, which makes the
environments first. Exits with 1 when a format has no rows, or a loader does not take them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotate.exporters import DIALECTS
from tests.trainers.rows import taken

ROOT = Path(__file__).parents[2]
LOADERS = (
    ("trl", "with_trl", ()),
    ("trl", "with_datasets", ()),
    ("llamafactory", "with_datasets", ()),
    ("llamafactory", "with_llamafactory", ()),
    ("swift", "with_swift", ()),
    ("trl", "with_axolotl", ("axolotl",)),
    ("trl", "with_torchtune", ("torchtune",)),
)
"""Environment, script, and what else stands on its path."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def loaded(environments: Path, rows: Path) -> Iterator[dict[str, Any]]:
    """What each loader says of each file; a script that dies says so as a failure."""
    for name, script, beside in LOADERS:
        path = os.pathsep.join([str(ROOT), *(str(environments / one) for one in beside)])
        variables = os.environ | {
            "PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "",
            "HF_HOME": str(rows / ".hf" / name), "TOKENIZERS_PARALLELISM": "false",
        }  # fmt: skip
        command = [str(environments / name / "bin" / "python"), "-W", "ignore", "-m"]
        log = rows / f".{name}-{script}.log"
        with log.open("w", encoding="utf-8") as errors:
            done = subprocess.run(
                [*command, f"tests.trainers.{script}", str(rows)],
                cwd=rows, env=variables, stdout=subprocess.PIPE, stderr=errors, text=True,
                check=False,
            )  # fmt: skip
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        yield from lines
        if done.returncode or not lines:
            said = f"ended with {done.returncode}: {log.read_text('utf-8')[-300:]}"
            yield {"what": f"{name} {script}", "good": False, "said": said}


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.trainers", description=__doc__)
    parser.add_argument("environments", type=Path)
    parser.add_argument("--rows", type=Path, help="an empty folder for the rows, to look at them")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rows = (arguments.rows or Path(scratch)).resolve()
        rows.mkdir(exist_ok=True)
        formats = taken(rows)
        for project, names in formats.items():
            say(f"from the browser, {project}: {', '.join(names)}")
        without = sorted(set(DIALECTS).difference(*formats.values()))
        found = list(loaded(arguments.environments.resolve(), rows))
    for one in found:
        say(f"{'ok  ' if one['good'] else 'FAIL'} {one['what']}: {one['said']}")
    failed = sum(not one["good"] for one in found)
    say(f"{len(found) - failed} loaded, {failed} failed; without rows: {', '.join(without) or '-'}")
    return int(bool(failed or without))


if __name__ == "__main__":
    sys.exit(main())
