"""What each command does: read, call a verb, say what came of it.

Commands that ask a model or open the page import that themselves: it takes seconds, and the others
go without.
"""

from __future__ import annotations

import contextlib
import json
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from annotate.errors import AnnotateError, InvalidProject, NotFound, UnreadableFile
from annotate.importers import TOOLS, recognised
from annotate.people import RIGHTS, operator
from annotate.project import Project, json_schema, load_project
from annotate.project.prices import PRICE_FILE, load_prices
from annotate.workflow.disagreement.review import QuestionStatus, status
from annotate.workflow.prelabels.validating import validate, warning
from annotate.workspace import Workspace
from app.cli.desk import leading_lines
from app.cli.importing import say_imported
from app.cli.output import bar, note, say, table
from app.cli.promising import statements
from app.cli.templates import SCHEMA_FILE, TEMPLATES
from app.config import PERSON, Config, from_environment
from app.datafiles import REJECTS, DataFile, import_file, remapped
from app.doors import locked
from app.workplace import workplace_for

DEMO_FOLDER = Path("workspace")
DEMO_PERSON = "you"


def run_init(arguments: Namespace) -> None:
    folder = workplace_for(arguments.dir).config.folder
    folder.mkdir(parents=True, exist_ok=True)
    task = folder / "task.yaml"
    if task.exists():
        raise AnnotateError(f"{task} is there already: it was left as it is")
    task.write_text(TEMPLATES[arguments.type], "utf-8")
    _write_schema(folder)
    say(f"{task} is yours to change; then: coannotate check, coannotate import FILE")


def run_check(arguments: Namespace) -> None:
    if arguments.schema:
        say(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        return
    workspace = workplace_for(arguments.dir).workspace
    files = [arguments.file] if arguments.file else workspace.task_files()
    if not files:
        raise NotFound(f"{workspace.folder} has no task.yaml: `coannotate init` writes one")
    wrong = [problem for file in files if (problem := _checked(file)) is not None]
    if wrong:  # a price file is wrong for every project
        raise AnnotateError("\n".join(dict.fromkeys(map(str, wrong))))
    if not arguments.file:
        workspace.projects()  # names must differ between files
        _say_prices(workspace.folder)


def run_import(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        project = _remapped(project, arguments)
        path: Path = arguments.file
        file = DataFile(
            path=path,
            name=path.name,
            encoding=arguments.encoding,
            delimiter=arguments.delimiter,
            format=arguments.format or project.import_.format,
        )
        if file.format is None and path.is_file():  # a pipe can be read once
            _say_tool(file)
        rejects = services.config.folder / REJECTS / f"{path.name}.jsonl"
        now = services.now()
        with bar("bytes read") as tell:

            def going(done: int, total: int) -> bool:
                tell(done, total)
                return True

            report = import_file(
                store, project, file, rejects, actor=operator(now), now=now, going=going
            )
    say_imported(report, rejects)


def _say_tool(file: DataFile) -> None:
    """That a file is another tool's export, where nothing else looks like it."""
    with contextlib.suppress(UnreadableFile):
        tool = recognised(file.path, encoding=file.encoding)
        if tool is not None and TOOLS[tool].sure:
            note(
                f"{file.name} looks like an export of {TOOLS[tool].title}: --from {tool} brings "
                "its answers and predictions along"
            )


def run_serve(arguments: Namespace) -> None:
    here = workplace_for(arguments.dir)
    if not here.workspace.projects():
        _let_first_be_made(here.workspace)
    config = here.config
    doors = replace(
        config.doors,
        hosts=(*config.doors.hosts, *(name.lower() for name in arguments.host_name)),
        proxy=arguments.proxy or config.doors.proxy,
    )
    if doors.hosts and not doors.proxy:
        note(
            "Passwords and labels travel as plain http from other machines: put a proxy with https "
            "before this server, and name it with --proxy"
        )
    _serve(replace(config, doors=doors), arguments, host=arguments.host)


def _let_first_be_made(workspace: Workspace) -> None:
    """Raises NotFound unless somebody is there who can make the first project in the browser."""
    people = []
    if workspace.database.exists():
        with workspace.open() as store:
            people = store.people.all()
    if not any("create projects" in RIGHTS[person.role] for person in people):
        raise NotFound(
            f"{workspace.folder} has no task.yaml: `coannotate create FILE` makes one of a data "
            "file, `coannotate init` writes one; to make it in the browser, first `coannotate "
            "people add NAME --role admin`"
        )
    note("There is no project yet: make the first one at Set up")


def run_work(arguments: Namespace) -> None:
    from app.services import services_for
    from app.worker import work

    work(services_for(arguments.dir), once=arguments.once, say=say, parent=arguments.parent)


def run_status(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        actor = operator(services.now())
        promises = statements(store, project, services, actor)
        found = status(store, project, actor=actor)
        asked = () if arguments.json else project.questions
        warnings = [warning(validate(store, project, q, actor=actor)) for q in asked]
        people = leading_lines(store, project, actor)
    if arguments.json:
        questions = [asdict(one) | {"promise": promises[one.question]} for one in found]
        text = {"project": project.project, "questions": questions}
        say(json.dumps(text, indent=2, ensure_ascii=False))
        return
    say(f"{project.title} ({project.project})")
    for line in people:
        say(line)
    for one, warned in zip(found, warnings, strict=True):
        say(f"\n{one.question}")
        table(_status_rows(one))
        say(f"promise: {promises[one.question]['statement']}")
        if warned is not None:
            say(warned)


def run_demo(arguments: Namespace) -> None:
    from app.demo import prepare
    from app.services import Services

    folder = arguments.dir or DEMO_FOLDER
    services = Services(from_environment(folder))
    folder.mkdir(parents=True, exist_ok=True)
    _write_schema(folder)
    prepare(services, say)
    if arguments.no_serve:
        say(f"The workspace is {folder}: `coannotate serve --dir {folder}` opens it")
        return
    config = from_environment(folder)
    person = config.person or DEMO_PERSON
    with services.workspace.open() as store:
        shut = locked(services, store)
    if shut:
        say("People have accounts here: sign in on the page.")
    else:
        say(f"You are signed in as {person!r}, on this machine only ({PERSON} for another name).")
    _serve(replace(config, folder=folder, person=person), arguments)


def _serve(config: Config, arguments: Namespace, *, host: str = "127.0.0.1") -> None:
    from app.server import serve
    from app.worker import beside

    with beside(config):
        serve(
            config,
            host=host,
            port=arguments.port,
            open_browser=not arguments.no_browser,
            on_ready=lambda url: say(f"Label at {url}  (Ctrl-C stops; nothing is lost)"),
        )


def _write_schema(folder: Path) -> None:
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    (folder / SCHEMA_FILE).write_text(text, "utf-8")


def _checked(file: Path) -> InvalidProject | None:
    try:
        project = load_project(file)
    except InvalidProject as error:
        return error
    questions = ", ".join(f"{q.name} ({q.type})" for q in project.questions)
    say(f"{file}: fine. Project {project.project}: {questions}")
    return None


def _say_prices(folder: Path) -> None:
    """What a workspace's price file holds, if there is one. Raises InvalidProject."""
    prices = load_prices(folder)
    if prices:
        oldest = min(price.as_of for price in prices.values())
        count = "1 price" if len(prices) == 1 else f"{len(prices)} prices"
        say(f"{folder / PRICE_FILE}: fine. {count}, the oldest as of {oldest}")


def _remapped(project: Project, arguments: Namespace) -> Project:
    """The project with the column mapping that the command line gives."""
    given = dict(_pair(text, project) for text in arguments.column)
    return remapped(project, given, arguments.id)


def _pair(text: str, project: Project) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals or field not in project.fields:
        fields = ", ".join(project.fields)
        raise AnnotateError(f"--column {text}: write FIELD=COLUMN with FIELD one of {fields}")
    return field, column


def _status_rows(one: QuestionStatus) -> list[Mapping[str, object]]:
    where = one.destinations
    rows = {
        "items": one.items,
        "pre-labelled": one.prelabelled,
        "stay with the model": where.get("auto", 0),
        "for people": where.get("annotate", 0),
        "audited at random": where.get("audit", 0),
        **({"wait for the stronger model": where["strong"]} if "strong" in where else {}),
        "slots waiting / in hand / done": (
            f"{one.slots_waiting} / {one.slots_in_hand} / {one.slots_done}"
        ),
        "answered by people": one.answered_items,
        "people and model agree": f"{one.agreeing} of {one.compared}",
        **({} if one.distance is None else {"their mean distance, 0 to 1": round(one.distance, 3)}),
        "model right (known answers)": _percent(one.model_accuracy),
        "people right (known answers)": _percent(one.people_accuracy),
        "model calls": ", ".join(f"{n} {name}" for name, n in one.calls.items()) or "none",
        "tokens in / out": f"{one.tokens_in} / {one.tokens_out}",
    }
    return [{"": name, "now": value} for name, value in rows.items()]


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.1%}"
