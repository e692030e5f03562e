"""Commands that set a workspace up: a project from a data file, backup, restore."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotate.errors import AnnotateError, UnreadableFile
from annotate.importers import TOOLS, recognised
from annotate.importers.guessing import Guess, gold_fits, guess, labels_of, names_for, shown_as
from annotate.importers.survey import Survey, guess_encoding, survey
from annotate.people import operator
from annotate.project.drafting import WITH_LABELS, question_draft, question_name, short_name
from annotate.workflow.projects.backing_up import NOT_IN_IT, back_up, restore
from annotate.workflow.projects.creating import Choices, create, draft, refuse_taken
from annotate.workflow.projects.moving_in import columns_asked_about, questions_asked, unordered
from app.cli.importing import say_rest
from app.cli.output import bar, note, say
from app.datafiles import REJECTS, DataFile, import_file, told
from app.workplace import Workplace, workplace_for


def run_create(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    file = _file(arguments)
    found = survey(file.rows())
    choices = _choices(arguments, found)
    now, folder = services.now(), services.config.folder
    actor = operator(now)
    if arguments.dry_run:
        _rehearse(arguments, file, choices)
        return
    draft(folder, choices, actor=actor)  # its mistakes are told before a folder is made
    folder.mkdir(parents=True, exist_ok=True)
    with services.workspace.open() as store:
        path, project = create(services.workspace, store, choices, actor=actor, now=now)
        say(f"{path}: project {project.project}, yours to change")
        if not arguments.no_import:
            rejects = folder / REJECTS / f"{file.name}.jsonl"
            with bar("bytes read") as tell:

                def going(done: int, total: int) -> bool:
                    tell(done, total)
                    return True

                report = import_file(
                    store, project, file, rejects, actor=actor, now=now, going=going
                )
            say(told(report))
            say_rest(report, rejects)
            if report.brought.votes:
                say(
                    "routing goes by the predictions that came along until a model of yours has "
                    "answered: leave prelabel out to keep them"
                )
    where = "" if arguments.dir is None else f" --dir {arguments.dir}"
    say(f"then: coannotate prelabel{where}, coannotate route{where}, coannotate serve{where}")


def _file(arguments: Namespace) -> DataFile:
    path: Path = arguments.file
    try:
        plain = path.is_dir() or path.suffix.lower() == ".parquet"
        encoding = arguments.encoding or ("utf-8" if plain else guess_encoding(path))
    except OSError as error:
        raise UnreadableFile(f"{path}: cannot be read ({error.strerror or error})") from error
    if arguments.encoding is None and encoding != "utf-8":
        note(f"{path} is no UTF-8: it is read as {encoding}; name another with --encoding")
    tool = arguments.format or recognised(path, encoding=encoding)
    if tool is not None and arguments.format is None:
        note(f"{path.name} is read as an export of {TOOLS[tool].title}; else say --from")
    return DataFile(
        path=path, name=path.name, encoding=encoding, delimiter=arguments.delimiter, format=tool
    )


def _choices(arguments: Namespace, found: Survey) -> Choices:
    guessed = guess(found)
    title = arguments.title or arguments.file.name.split(".")[0].replace("_", " ")
    asked = [*arguments.field, *filter(None, (arguments.id, arguments.gold))]
    for name in asked:
        if name not in found.names:
            raise AnnotateError(f"no column {name!r}; there are: {', '.join(found.names)}")
    about = () if arguments.field else columns_asked_about(found)
    columns = names_for(arguments.field or tuple(dict.fromkeys([*guessed.fields, *about])))
    id_ = None if arguments.no_id else arguments.id or guessed.id
    kind = arguments.type or ("preference" if guessed.prompt else "single_label")
    known = guessed.gold if guessed.gold not in columns.values() else None
    gold = arguments.gold or (known if gold_fits(found, known, kind) else None)
    chosen = arguments.type or arguments.question or arguments.labels or arguments.gold
    asked = [] if chosen else questions_asked(found, guessed, columns)
    if not asked and not chosen and (names := unordered(found)):
        raise AnnotateError(
            f"the answers to {', '.join(names)} prefer one of two texts, and the file does not "
            "tell which of its columns stood left: give the tags of the labelling interface the "
            "names of the columns and export again, or write a project file whose `responses` "
            "stand in that order and import into it"
        )
    questions = asked or [_question(arguments, found, guessed, columns, kind, gold)]
    text = arguments.guideline.read_text("utf-8-sig") if arguments.guideline else ""
    return Choices(
        name=arguments.name or short_name(title),
        title=title,
        columns=columns,
        questions=questions,
        language=arguments.language or guessed.language,
        guideline=text,
        shows={name: shown_as(found.column(column)) for name, column in columns.items()},
        id=id_,
        gold={questions[0]["name"]: gold} if gold else None,
        llm=_llm(arguments),
        budget=arguments.budget,
        per_item=arguments.people,
        format=found.tool or None,
    )


def _question(
    arguments: Namespace,
    found: Survey,
    guessed: Guess,
    columns: Mapping[str, str],
    kind: str,
    gold: str | None,
) -> dict[str, Any]:
    known = labels_of(found.column(gold)) if gold else guessed.labels
    labels = _split(arguments.labels) if arguments.labels else known
    if kind in WITH_LABELS and len(labels) < (1 if kind == "spans" else 2):
        raise AnnotateError(
            f"a {kind} question needs labels: name them with --labels A,B, or name a column that "
            "has them with --gold COLUMN"
        )
    field_of = {column: field for field, column in columns.items()}
    replies = [field_of[one] for one in guessed.responses if one in field_of]
    texts = {
        "preference": "Which response is better?",
        "ranking": "Put the responses in order, the best first.",
        "spans": "Mark every place.",
        "text": "What should it say?",
    }
    text = arguments.question or texts.get(kind, "What is this about?")
    name = question_name(arguments.question or gold or kind)
    return question_draft(
        kind,
        name=name,
        text=text,
        fields=list(columns),
        labels=[{"name": label} for label in labels],
        prompt=field_of.get(guessed.prompt or ""),
        responses=replies or [field for field in columns if field != guessed.prompt],
    )


def _split(labels: str) -> list[str]:
    return [label.strip() for label in labels.split(",") if label.strip()]


def _llm(arguments: Namespace) -> dict[str, Any]:
    given = {
        "base_url": arguments.base_url,
        "model": arguments.model,
        "api_key_env": arguments.api_key_env,
    }
    said = {key: value for key, value in given.items() if value is not None}
    return {"provider": "openai", **said} if said else {"provider": "local"}


def _rehearse(arguments: Namespace, file: DataFile, choices: Choices) -> None:
    from app.rehearsal import lines, missing_keys, rehearsed
    from app.services import services_for

    services = services_for(arguments.dir)
    folder, actor = services.config.folder, operator(services.now())
    text, project = draft(folder, choices, actor=actor)
    if folder.is_dir() and services.workspace.database.exists():
        with services.workspace.open() as store:
            refuse_taken(services.workspace, store, project.project)
    say(text)
    for line in lines(rehearsed(services, None, project, file, actor=actor)):
        say(line)
    for name in missing_keys(services.config, project):
        say(f"the environment variable {name} is not set here: set it before you pre-label")


def run_backup(arguments: Namespace) -> None:
    services: Workplace = workplace_for(arguments.dir)
    if not services.workspace.database.exists():
        raise AnnotateError(f"{services.config.folder} has no database yet: nothing to back up")
    now, out = services.now(), arguments.out
    if out.is_dir():
        out = out / f"coannotate-{now:%Y%m%d-%H%M%S}.zip"
    with services.workspace.open() as store, bar("bytes packed") as tell:

        def going(done: int, total: int) -> bool:
            tell(done, total)
            return True

        report = back_up(services.workspace, store, out, actor=operator(now), now=now, going=going)
    assert report is not None
    say(f"{out}: {report.summary()}")
    say(NOT_IN_IT)


def run_restore(arguments: Namespace) -> None:
    services = workplace_for(None)
    if arguments.dir is None:
        raise AnnotateError("name the new folder with --dir NEW")
    manifest = restore(arguments.file, arguments.dir, actor=operator(services.now()))
    made = str(manifest["made_at"])[:16].replace("T", " ")
    say(
        f"{arguments.dir}: {manifest['items']:,} items and {manifest['people']:,} people, "
        f"as of {made} UTC; every file is as it was written"
    )
    say(
        "People sign in again. Where an organisation signs them in, put its "
        ".streamlit/secrets.toml there before you serve; model files too, where projects use some."
    )
