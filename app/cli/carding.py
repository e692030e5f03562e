"""`coannotate card`: the data card, printed or written."""

from __future__ import annotations

from argparse import Namespace

from annotate.people import operator
from annotate.workflow.exports.carding import card
from annotate.workflow.exports.places import placed_file
from app.cli.output import say
from app.workplace import workplace_for


def run_card(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        text = card(
            store,
            project,
            actor=operator(services.now()),
            language=arguments.language,
            names=arguments.names,
        )
    if arguments.out is None:
        say(text.rstrip("\n"))
        return
    with placed_file(arguments.out, (".md",)) as path:
        path.write_bytes(text.encode())
    say(f"{arguments.out}: the data card of {project.project}")
