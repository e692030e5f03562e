"""The commands and their options, as `--help` tells them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from app.cli.options.agreement import add_agreement
from app.cli.options.bringing import add_import
from app.cli.options.card import add_card
from app.cli.options.commands import add_check, add_demo, add_init, add_serve, add_status, add_work
from app.cli.options.consensus import add_consensus
from app.cli.options.decide import add_decide
from app.cli.options.desk import add_inbox, add_opening, add_skills, add_training
from app.cli.options.disagreeing import add_disagreements, add_item
from app.cli.options.export import add_export, add_formats
from app.cli.options.guideline import add_guideline
from app.cli.options.people import add_people
from app.cli.options.prelabel import add_batches, add_prelabel, add_prompts
from app.cli.options.promise import add_promise
from app.cli.options.routing import add_outlook, add_route, add_simulate
from app.cli.options.setup import add_backup, add_create, add_restore
from app.cli.options.snapshot import add_snapshot
from app.cli.options.team import add_team
from app.cli.output import say

_GROUPS = """\
A day with it:
  coannotate create items.csv         make a project of your items, and bring them in
  coannotate prelabel                 let the model answer first
  coannotate route                    decide what people get
  coannotate serve                    label in the browser
  coannotate export sft_messages -o sft.jsonl   training data from what was agreed
"""


def build_parser() -> argparse.ArgumentParser:
    """Every command; each leaves in `run` what imports and calls its function."""
    parser = argparse.ArgumentParser(
        prog="coannotate",
        description="Label a data set together: a model answers first, people get what it is "
        "unsure of.",
        epilog=_GROUPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, help="show the version and stop")
    verbs = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_Command
    )
    for name, (help_text, add) in _COMMANDS.items():
        add(_verb(verbs, name, help_text, project=name not in _WHOLE))
    return parser


class _Version(argparse.Action):
    """`--version`: looked up when asked for, which takes as long as everything else here."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        say(version("coannotate"))
        parser.exit()


class _Command(argparse.ArgumentParser):
    """One command. `later` adds what takes long to know, once the command is used."""

    later: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.later is not None:
            self.later(self)
            self.later = None
        return super().parse_known_args(args, namespace)


Verbs = argparse._SubParsersAction  # argparse has no public name for it
_MODULES = {
    "agreement": "agreement",
    "batches": "batching",
    "card": "carding",
    "connect": "asking",
    **dict.fromkeys(("disagreements", "item"), "disagreeing"),
    "consensus": "consensus",
    "decide": "deciding",
    **dict.fromkeys(("backup", "create", "restore"), "setting_up"),
    **dict.fromkeys(("freeze", "inbox", "pause", "reopen", "skills", "training"), "desk"),
    "export": "exporting",
    "guideline": "guideline",
    "outlook": "outlook",
    "people": "people",
    "plan": "asking",
    "prelabel": "prelabelling",
    "prompts": "asking",
    "promise": "promising",
    "route": "routing",
    "simulate": "simulating",
    "snapshot": "snapshots",
    "team": "team",
}
"""Where a command's function is, if not in `commands`."""


def function_of(name: str) -> Callable[[argparse.Namespace], None]:
    """What a command calls. Its module is imported here: no command waits for another's."""
    module = import_module(f"app.cli.{_MODULES.get(name, 'commands')}")
    found: Callable[[argparse.Namespace], None] = getattr(module, f"run_{name}")
    return found


def _run(name: str, arguments: argparse.Namespace) -> None:
    function_of(name)(arguments)


def _verb(verbs: Verbs[_Command], name: str, help_text: str, *, project: bool = True) -> _Command:
    parser = verbs.add_parser(name, help=help_text, description=f"{help_text}.")
    parser.set_defaults(run=partial(_run, name))
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help="workspace folder (default: the current folder)"
    )
    if project:
        parser.add_argument(
            "--project", metavar="NAME", help="which project, where the folder has several"
        )
    return parser


def _formats(parser: _Command) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.later = add_formats
    add_export(parser)


def _nothing(parser: _Command) -> None:
    """It takes nothing but what all take."""


_COMMANDS: dict[str, tuple[str, Callable[[_Command], None]]] = {
    "init": ("Write a first task.yaml to change to your task", add_init),
    "create": ("Make a project of a data file and import it", add_create),
    "check": ("Check a project file and name every mistake", add_check),
    "connect": (
        "Try the model server out, in about 15 tiny requests, and keep the result",
        _nothing,
    ),
    "import": ("Bring items in; rows that are there already are left alone", add_import),
    "plan": ("Tell calls, tokens and money of the next pre-labelling; nothing is sent", _nothing),
    "prompts": (
        "Show exactly what would be sent, or judge each variant by known answers",
        add_prompts,
    ),
    "prelabel": ("Let the model answer every item it has not answered yet", add_prelabel),
    "batches": ("List what was submitted with `prelabel --batch`", add_batches),
    "route": ("Decide which items people get, and draw the random audit", add_route),
    "outlook": ("Tell what is left to be wrong and what labels would buy", add_outlook),
    "simulate": (
        "Replay items of known answer: error against human share, by strategy",
        add_simulate,
    ),
    "promise": ("Promise how many labels are wrong at most, and keep to it", add_promise),
    "guideline": ("Edit, compare and restore the guideline; try a change of it", add_guideline),
    "people": ("List, invite and change who works here", add_people),
    "serve": ("Open the labelling page on this machine", add_serve),
    "pause": ("Give out nothing new; what is in hand can be answered", add_opening),
    "freeze": ("Take no more answers, and no changes of answers", add_opening),
    "reopen": ("Give out items again after a pause or a freeze", add_opening),
    "inbox": ("List flags, and answers that could not be taken", add_inbox),
    "decide": ("List what people differ on, or decide an item of it", add_decide),
    "skills": ("Show or set what people can do", add_skills),
    "disagreements": (
        "Show where people differ from the model and each other",
        add_disagreements,
    ),
    "item": ("Tell everything that ever happened to an item", add_item),
    "training": ("Show how people's training ended, and decide", add_training),
    "team": ("Show how people work; pause somebody, or take items from them", add_team),
    "work": ("Work off the jobs that the page queued", add_work),
    "status": ("Show where the work stands", add_status),
    "agreement": ("Tell how far people and the model agree", add_agreement),
    "consensus": ("Weigh all answers and show how good people are", add_consensus),
    "card": ("Write the data card: what the labels are and cannot do", add_card),
    "export": ("Write the labelled set or training data", _formats),
    "snapshot": (
        "Keep the labels of today as files that never change, compare and verify such",
        add_snapshot,
    ),
    "backup": ("Write database and project files into one zip, while people work", add_backup),
    "restore": ("Check a backup and unpack it into a new folder (--dir)", add_restore),
    "demo": ("Set up three sample projects and open the page", add_demo),
}
"""What a command is for, and what adds its options; in the order of `--help`."""
_WHOLE = frozenset(
    {
        "init", "create", "check", "people", "serve", "skills", "work", "backup", "restore", "demo",
    }
)  # fmt: skip
"""What is about the workspace and takes no `--project`."""
