"""Axolotl: its prompt strategies on every row; what is trained on must be the answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axolotl.prompt_strategies import chat_template
from axolotl.prompt_strategies.dpo import chat_template as dpo
from axolotl.utils.dict import DictDefault

from tests.trainers import tiny
from tests.trainers.told import attempt, expect

USUAL = {"chat_template": "tokenizer_default", "sequence_len": 1024, "train_on_inputs": False}
NAMED = {
    "sharegpt": {
        "field_messages": "conversations",
        "message_property_mappings": {"role": "from", "content": "value"},
    }
}


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def sft(file: Path) -> str:
    words = tiny.tokenizer()
    source = {"type": "chat_template", "chat_template": "tokenizer_default"}
    strategy = chat_template.load(
        words, DictDefault(USUAL), DictDefault(source | NAMED.get(file.stem, {}))
    )
    for row in lines(file):
        made = strategy.tokenize_prompt(row)
        labels = made["labels"][0] if isinstance(made["labels"][0], list) else made["labels"]
        said = words.decode([label for label in labels if label != -100])
        last = (row.get("messages") or row.get("conversations"))[-1]
        answer = last.get("content", last.get("value"))
        expect(answer in said, f"trained on {said!r}, not on {answer!r}")
    return f"{len(lines(file))} rows, trained on the answer alone"


def preference(file: Path, how: Callable[..., Any], **source: str) -> str:
    words = tiny.tokenizer()
    settings = DictDefault(
        {"chat_template": "tokenizer_default", "datasets": [{"type": "chat_template", **source}]}
    )
    transform = how(settings)[0]
    for row in lines(file):
        made = transform(row, tokenizer=words)
        expect(bool(made["chosen"]) and made["chosen"] != made["rejected"], f"{made}")
    return f"{len(lines(file))} rows"


def main(folder: Path) -> None:
    for name in ("sft_messages", "sharegpt"):
        for file in sorted(folder.glob(f"*/{name}.jsonl")):
            attempt(f"axolotl {file.parent.name}/{file.name}", lambda f=file: sft(f))
    for file in sorted(folder.glob("*/preference_trl.jsonl")):
        what = f"axolotl chat_template.default {file.parent.name}/{file.name}"
        attempt(what, lambda f=file: preference(f, dpo.default, field_messages="prompt"))
    for file in sorted(folder.glob("*/ultrafeedback.jsonl")):
        what = f"axolotl chat_template.argilla_chat {file.parent.name}/{file.name}"
        attempt(what, lambda f=file: preference(f, dpo.argilla_chat))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
