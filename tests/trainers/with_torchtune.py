"""torchtune: its message transforms on every row."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from torchtune.data import (
    AlpacaToMessages,
    ChosenRejectedToMessages,
    OpenAIToMessages,
    ShareGPTToMessages,
)

from tests.trainers.told import attempt, expect

TRANSFORMS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "sft_messages": (OpenAIToMessages, ("messages",)),
    "sharegpt": (ShareGPTToMessages, ("messages",)),
    "alpaca": (AlpacaToMessages, ("messages",)),
    "ultrafeedback": (ChosenRejectedToMessages, ("chosen", "rejected")),
}


def transformed(file: Path, transform: Any, keeps: tuple[str, ...]) -> str:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for line in lines:
        made = transform()(line)
        for name in keeps:
            last = made[name][-1]
            expect(last.role == "assistant", f"{name} ends with {last.role}")
            expect(bool(last.text_content.strip()), f"{name} ends with nothing")
    return f"{len(lines)} rows"


def main(folder: Path) -> None:
    for name, (transform, keeps) in TRANSFORMS.items():
        for file in sorted(folder.glob(f"*/{name}.jsonl")):
            what = f"torchtune {transform.__name__} {file.parent.name}/{file.name}"
            attempt(what, lambda f=file, t=transform, k=keeps: transformed(f, t, k))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
