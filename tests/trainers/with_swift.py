"""ms-swift: what its own loader makes of each file, and that nothing of a row is lost."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.trainers.told import attempt, expect

os.environ |= {"MODELSCOPE_CACHE": tempfile.mkdtemp(), "HF_HUB_OFFLINE": "1"}
KEEPS = {
    "sft_messages": ("messages",),
    "alpaca": ("messages",),
    "sharegpt": ("messages",),
    "swift_preference": ("messages", "rejected_response"),
    "swift_kto": ("messages", "label"),
}


def loaded(file: Path, keeps: tuple[str, ...]) -> str:
    from swift.dataset import load_dataset

    data, _ = load_dataset([str(file)], strict=True, num_proc=1, load_from_cache_file=False)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    expect(len(data) == len(lines), f"{len(lines)} lines became {len(data)} rows")
    for name in keeps:
        row: Any = data[0]
        expect(name in row and row[name] not in (None, []), f"{name} was lost: {dict(row)}")
    return f"{len(data)} rows"


def decisions(file: Path) -> str:
    from swift.dataset.preprocessor.decision import JevPreprocessor

    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    made = [JevPreprocessor().preprocess(dict(line)) for line in lines]
    expect(all(made), "a row was refused")
    return f"{len(made)} rows with the vote distribution as target"


def main(folder: Path) -> None:
    for name, keeps in KEEPS.items():
        for file in sorted(folder.glob(f"*/{name}.jsonl")):
            what = f"ms-swift {file.parent.name}/{file.name}"
            attempt(what, lambda f=file, k=keeps: loaded(f, k))
    for file in sorted(folder.glob("*/swift_decision.jsonl")):
        attempt(f"ms-swift {file.parent.name}/{file.name}", lambda f=file: decisions(f))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
