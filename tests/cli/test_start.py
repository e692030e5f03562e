"""Commands that compute nothing start without the libraries that compute: two seconds less."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import main, people
from app.cli.options import people as people_parser
from app.cli.parser import build_parser, function_of

HEAVY = ("openai", "pandas", "scipy", "sklearn", "streamlit", "tokenizers")

LOADED = """
import json, sys
from app.cli import main
def tell(name, code):
    sys.stderr.write(json.dumps([name, code, sorted(sys.modules)]) + "\\n")
for line in sys.stdin:
    words = json.loads(line)
    try:
        code = main(words)
    except SystemExit as end:
        code = end.code
    tell(" ".join(words), code)
import tokenizers
tell("what is heavy is seen", 0)
"""
"""Runs command lines, one after the other, in one fresh process; tells what it had imported."""


def run_all(folder: Path, commands: list[list[str]]) -> dict[str, tuple[int, list[str]]]:
    """command -> exit code, and which of `HEAVY` are imported by then."""
    ended = subprocess.run(
        [sys.executable, "-c", LOADED],
        input="\n".join(map(json.dumps, commands)),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=True,
        text=True,
    )
    told = map(json.loads, ended.stderr.splitlines())
    return {words: (code, [n for n in HEAVY if n in loaded]) for words, code, loaded in told}


def test_light_commands_import_nothing_heavy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"The lamp number {n} is {'broken' if n % 2 else 'wonderful'}" for n in range(10)]
    Path("items.csv").write_text("\n".join(["text", *rows]), "utf-8")
    for words in (["init"], ["import", "items.csv"], ["prelabel"], ["route"]):
        assert main(words) == 0
    commands = [
        ["--help"],
        ["--version"],
        ["check"],
        ["import", "items.csv"],
        ["status"],
        ["status", "--json"],
        ["export", "--help"],
        ["export", "--list"],
        ["export", "labels", "-o", "out.csv"],
        ["export", "labels", "-o", "out.jsonl"],
        ["export", "sft_messages", "-o", "sft.jsonl"],
        ["promise"],
    ]
    expected: dict[str, tuple[int, list[str]]] = {" ".join(one): (0, []) for one in commands}
    expected["what is heavy is seen"] = (0, ["tokenizers"])
    assert run_all(tmp_path, commands) == expected


def test_every_command_finds_its_function() -> None:
    """The functions are looked up by name when a command runs: no name may be wrong."""
    [verbs] = [a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction)]
    functions = {name: function_of(name) for name in verbs.choices}
    assert len(functions) >= 16
    assert all(callable(function) for function in functions.values())


def test_every_action_on_people_is_known_to_the_parser() -> None:
    assert tuple(people.ACTIONS) == people_parser.ACTIONS
