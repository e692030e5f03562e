"""`coannotate card`: the data card, printed or written."""

from __future__ import annotations

from argparse import Namespace

from annotate.errors import AnnotateError
from annotate.people import operator
from annotate.workflow.carding import card
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
    try:
        arguments.out.write_text(text, "utf-8", newline="")
    except OSError as error:
        reason = error.strerror or error
        raise AnnotateError(
            f"{arguments.out}: cannot be written ({reason}). Choose another place"
        ) from error
    say(f"{arguments.out}: the data card of {project.project}")
