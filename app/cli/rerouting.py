"""`coannotate route --set` and `--preview`: other routing settings, looked at and then adopted."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.errors import AnnotateError
from annotate.llm.able import able
from annotate.people import operator
from annotate.project import Project
from annotate.project.tree import parse_yaml, plain
from annotate.store import Store
from annotate.workflow.routes.outlook_words import compared, moves, source
from annotate.workflow.routes.previewing import preview
from annotate.workflow.routes.rerouting import change
from app.cli.output import say, table
from app.services import Services

COLUMNS = ("", "now", "then")


def wanted(settings: Sequence[str]) -> dict[str, object]:
    """KEY=VALUE words as a mapping; values are read as in the project file, empty is None.

    >>> wanted(["budget=0.4", "policy=cost", "max_usd="])
    {'budget': 0.4, 'policy': 'cost', 'max_usd': None}
    """
    found: dict[str, object] = {}
    for word in settings:
        key, sign, value = word.partition("=")
        if not sign or not key.strip():
            raise AnnotateError(f"--set {word!r}: KEY=VALUE is meant, such as budget=0.4")
        found[key.strip()] = plain(parse_yaml(f"value: {value}\n", f"--set {word}")[0])["value"]
    return found


def changed(
    services: Services,
    store: Store,
    project: Project,
    settings: Sequence[str],
    reason: str | None,
) -> Project:
    """The project with these settings, as a new version of its file."""
    if not settings:
        raise AnnotateError("--reason says why something is changed: name it with --set KEY=VALUE")
    if not reason:
        raise AnnotateError(
            "--set changes the project file, and a change needs --reason TEXT; --preview tells "
            "what it would do"
        )
    path, _ = services.workspace.project(project.project)
    now = services.now()
    found = change(
        store,
        path,
        project,
        wanted(settings),
        reason=reason,
        actor=operator(now),
        now=now,
    )
    say(f"{path.name}: changed as a new version")
    return found


def say_preview(
    services: Services, store: Store, project: Project, settings: Sequence[str]
) -> None:
    path, _ = services.workspace.project(project.project)
    for question in able(project):
        found = preview(
            store,
            path,
            project,
            question,
            wanted(settings),
            actor=operator(services.now()),
            features=services.features(project),
        )
        say(f"{question.name}: nothing is stored. {'; '.join(found.told) or 'Routing again'}:")
        table([dict(zip(COLUMNS, row, strict=True)) for row in compared(found)])
        say(f"  moved: {'; '.join(moves(found)) or 'nothing'}")
        say(f"  {source(found)}")
