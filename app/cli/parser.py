"""The commands and their options, as `--help` tells them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from annotate.importers import IMPORTERS, TOOLS
from app.cli.agreement_parser import add_agreement
from app.cli.card_parser import add_card
from app.cli.consensus_parser import add_consensus
from app.cli.decide_parser import add_decide
from app.cli.desk_parser import add_inbox, add_opening, add_skills, add_training
from app.cli.disagreeing_parser import add_disagreements, add_item
from app.cli.export_parser import add_export, add_formats
from app.cli.guideline_parser import add_guideline
from app.cli.outlook_parser import add_outlook, add_settings
from app.cli.output import say
from app.cli.people_parser import add_people, add_reach
from app.cli.setup_parser import add_backup, add_create, add_restore
from app.cli.snapshot_parser import add_snapshot
from app.cli.team_parser import add_team
from app.cli.templates import TEMPLATES

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
    for add in (
        _init,
        _create,
        _check,
        _connect,
        _import,
        _plan,
        _prompts,
        _prelabel,
        _batches,
        _route,
        _outlook,
        _simulate,
        _promise,
        _guideline,
        _people,
        _serve,
        _leading,
        _work,
        _status,
        _agreement,
        _consensus,
        _card,
        _export,
        _snapshot,
        _keeping,
        _demo,
    ):
        add(verbs)
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


def _init(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "init", "Write a first task.yaml to change to your task", project=False)
    parser.add_argument(
        "--type", choices=sorted(TEMPLATES), default="single_label", help="kind of question"
    )


def _create(verbs: Verbs[_Command]) -> None:
    add_create(_verb(verbs, "create", "Make a project of a data file and import it", project=False))


def _check(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "check", "Check a project file and name every mistake", project=False)
    parser.add_argument(
        "file", nargs="?", type=Path, help="project file (default: all of the workspace)"
    )
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema that editors can use"
    )


def _import(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "import", "Bring items in; rows that are there already are left alone")
    parser.add_argument(
        "file", type=Path, help="a data file, .gz too; a folder where the tool keeps one"
    )
    parser.add_argument(
        "--from",
        "--format",
        dest="format",
        choices=sorted([*IMPORTERS, *TOOLS]),
        help="the tool it is an export of, whose answers and predictions come along (default: the "
        "project file's import.format); or how rows are written, when the suffix does not say",
    )
    parser.add_argument("--encoding", default="utf-8", help="of text files (default: utf-8)")
    parser.add_argument("--delimiter", help="between CSV cells (default: guessed from the header)")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="take a field from this column; may be repeated, goes before the project file",
    )
    parser.add_argument("--id", metavar="COLUMN", help="column with your own id of each row")


def _prelabel(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "prelabel", "Let the model answer every item it has not answered yet")
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="ask again about items without a human label, with the labels so far as examples",
    )
    parser.add_argument(
        "--batch",
        action="store_true",
        help="through the server's Batch API: cheaper, within a day; the same command goes on",
    )
    parser.add_argument(
        "--no-wait",
        action="store_true",
        help="with --batch: submit, fetch what is there, and do not wait for the rest",
    )


def _batches(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "batches", "List what was submitted with `prelabel --batch`")
    parser.add_argument(
        "--cancel",
        action="store_true",
        help="give up what is under way; what was answered until then is fetched",
    )


def _connect(verbs: Verbs[_Command]) -> None:
    _verb(
        verbs, "connect", "Try the model server out, in about 15 tiny requests, and keep the result"
    )


def _plan(verbs: Verbs[_Command]) -> None:
    _verb(verbs, "plan", "Tell calls, tokens and money of the next pre-labelling; nothing is sent")


def _prompts(verbs: Verbs[_Command]) -> None:
    parser = _verb(
        verbs, "prompts", "Show exactly what would be sent, or judge each variant by known answers"
    )
    parser.add_argument(
        "action",
        choices=["show", "validate"],
        help="show: print the messages about an item; validate: how each variant does where "
        "people, or known answers, tell what is right",
    )
    parser.add_argument(
        "--item", metavar="ID", help="show: your id of the item (default: the first)"
    )
    parser.add_argument("--variant", metavar="NAME", help="only this variant")
    parser.add_argument("--json", action="store_true", help="validate: for programs")


def _route(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "route", "Decide which items people get, and draw the random audit")
    parser.add_argument(
        "--watch", action="store_true", help="go on: route again whenever people have answered"
    )
    parser.add_argument(
        "--every",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="--watch: least time between two routings (default: 5)",
    )
    parser.add_argument(
        "--explain", metavar="ITEM", help="decide nothing: tell why this item went where it went"
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="tell how honest the learned risks are, on human answers held out in turn",
    )
    add_settings(parser)


def _outlook(verbs: Verbs[_Command]) -> None:
    add_outlook(_verb(verbs, "outlook", "Tell what is left to be wrong and what labels would buy"))


def _simulate(verbs: Verbs[_Command]) -> None:
    parser = _verb(
        verbs, "simulate", "Replay items of known answer: error against human share, by strategy"
    )
    parser.add_argument(
        "--seeds", type=int, default=20, metavar="N", help="courses per strategy (default: 20)"
    )
    parser.add_argument(
        "--people-error",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="how often a simulated person errs, 0 to 1 (default: 0)",
    )
    parser.add_argument(
        "--made-up", type=int, metavar="N", help="N made-up items instead of the project's"
    )
    parser.add_argument(
        "--classes", type=int, default=3, metavar="K", help="--made-up: labels (default: 3)"
    )
    parser.add_argument(
        "--model-error",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="--made-up: how often the model errs (default: 0.2)",
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def _promise(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "promise", "Promise how many labels are wrong at most, and keep to it")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """\
actions:
  status    how the promise stands (the default)
  start     freeze every label without a human answer, then draw a blind audit
  settle    do not wait for somebody else to answer what was skipped: it counts as wrong
  withdraw  take the promise back"""
    parser.add_argument(
        "action",
        nargs="?",
        choices=["status", "start", "settle", "withdraw"],
        default="status",
        help="see below",
    )
    parser.add_argument("--question", metavar="NAME", help="which, where there are several")
    parser.add_argument(
        "--error", type=float, metavar="SHARE", help="start: share that may be wrong; 0.05 is 5 %%"
    )
    parser.add_argument(
        "--confidence", type=float, metavar="SHARE", help="start: how sure to be (default: 0.95)"
    )
    parser.add_argument(
        "--audit", type=int, metavar="N", help="start: items to draw (default: what costs least)"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="start: tell what it would cost; store nothing"
    )
    parser.add_argument("--reason", metavar="TEXT", help="withdraw: why; it is kept and shown")
    parser.add_argument(
        "--verify", action="store_true", help="compute freeze, draw and cut again and compare"
    )


def _guideline(verbs: Verbs[_Command]) -> None:
    add_guideline(
        _verb(verbs, "guideline", "Edit, compare and restore the guideline; try a change of it")
    )


def _people(verbs: Verbs[_Command]) -> None:
    add_people(_verb(verbs, "people", "List, invite and change who works here", project=False))


def _serve(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "serve", "Open the labelling page on this machine", project=False)
    _server_options(parser)
    add_reach(parser)


def _server_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8501, help="default: 8501; 0 picks a free one")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")


def _leading(verbs: Verbs[_Command]) -> None:
    """What who leads people does while they label."""
    add_opening(_verb(verbs, "pause", "Give out nothing new; what is in hand can be answered"))
    add_opening(_verb(verbs, "freeze", "Take no more answers, and no changes of answers"))
    add_opening(_verb(verbs, "reopen", "Give out items again after a pause or a freeze"))
    add_inbox(_verb(verbs, "inbox", "List flags, and answers that could not be taken"))
    add_decide(_verb(verbs, "decide", "List what people differ on, or decide an item of it"))
    add_skills(_verb(verbs, "skills", "Show or set what people can do", project=False))
    add_disagreements(
        _verb(verbs, "disagreements", "Show where people differ from the model and each other")
    )
    add_item(_verb(verbs, "item", "Tell everything that ever happened to an item"))
    add_training(_verb(verbs, "training", "Show how people's training ended, and decide"))
    add_team(_verb(verbs, "team", "Show how people work; pause somebody, or take items from them"))


def _work(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "work", "Work off the jobs that the page queued", project=False)
    parser.add_argument("--once", action="store_true", help="stop when no job waits")
    parser.add_argument(
        "--parent", type=int, metavar="PID", help="stop when this process is no longer the parent"
    )


def _status(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "status", "Show where the work stands")
    parser.add_argument("--json", action="store_true", help="for programs")


def _agreement(verbs: Verbs[_Command]) -> None:
    add_agreement(_verb(verbs, "agreement", "Tell how far people and the model agree"))


def _consensus(verbs: Verbs[_Command]) -> None:
    add_consensus(_verb(verbs, "consensus", "Weigh all answers and show how good people are"))


def _card(verbs: Verbs[_Command]) -> None:
    add_card(_verb(verbs, "card", "Write the data card: what the labels are and cannot do"))


def _export(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "export", "Write the labelled set or training data")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.later = add_formats
    add_export(parser)


def _snapshot(verbs: Verbs[_Command]) -> None:
    help_text = "Keep the labels of today as files that never change, compare and verify such"
    add_snapshot(_verb(verbs, "snapshot", help_text))


def _keeping(verbs: Verbs[_Command]) -> None:
    help_text = "Write database and project files into one zip, while people work"
    add_backup(_verb(verbs, "backup", help_text, project=False))
    help_text = "Check a backup and unpack it into a new folder (--dir)"
    add_restore(_verb(verbs, "restore", help_text, project=False))


def _demo(verbs: Verbs[_Command]) -> None:
    parser = _verb(verbs, "demo", "Set up three sample projects and open the page", project=False)
    parser.add_argument("--no-serve", action="store_true", help="set up and exit")
    _server_options(parser)
