"""What the tests of commands run them with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

Command: TypeAlias = Callable[..., tuple[int, str, str]]
"""The words of a command -> its exit code, output and errors."""


def stocked(command: Command, task: str) -> Command:
    """The command, where it runs in a folder with this project file and three imported items."""
    Path("task.yaml").write_text(task, "utf-8")
    write_mails(range(3))
    assert command("import", "items.jsonl")[0] == 0
    return command


def write_mails(numbers: Iterable[int]) -> None:
    """items.jsonl in the folder where commands run."""
    rows = "".join(f'{{"text": "mail number {n}"}}\n' for n in numbers)
    Path("items.jsonl").write_text(rows, "utf-8")
