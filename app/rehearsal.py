"""A new project tried on its data file, for the page and for `create --dry-run`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from annotate.llm.prelabeller import Prelabeller
from annotate.model import Person
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store, open_store
from annotate.workflow.prelabels.planning import Plan
from annotate.workflow.projects.rehearsing import Asked, Rehearsal, rehearse
from app.config import Config
from app.datafiles import DataFile, told_more
from app.services import Services


def rehearsed(
    services: Services, store: Store | None, project: Project, file: DataFile, *, actor: Person
) -> Rehearsal:
    """How the file's first rows would come in, and what the model would be asked.

    store: knows what servers can do; None for a workspace that is not there yet. A key that is
    missing is no hindrance: nothing is sent. Raises what `rehearse` does.
    """
    keyed = with_keys(services, project)
    read, total = 0, file.size

    def on_bytes(done: int) -> None:
        nonlocal read
        read = done

    def says(scratch: Store, question: QuestionSettings) -> Prelabeller:
        return keyed.prelabeller(scratch, project, question)

    with open_store(":memory:") as empty:
        return rehearse(
            store or empty,
            project,
            file.rows(on_bytes),
            says,
            actor=actor,
            now=services.now(),
            share=lambda: read / total if total else 1.0,
        )


def missing_keys(config: Config, project: Project) -> list[str]:
    """Names of environment variables that the project's models need and that are not set."""
    named = {
        llm.api_key_env
        for _, llm in project.llm.models()
        if llm.provider in ("openai", "auto", "decisions", "systemone")
        and (llm.base_url is None or "api_key_env" in llm.model_fields_set)
    }
    return sorted(name for name in named if config.key(name) is None)


def with_keys(services: Services, project: Project) -> Services:
    """Services with stand-ins for keys that are missing: for looks, which send nothing."""
    config = services.config
    stand_ins = dict.fromkeys(missing_keys(config, project), "not-set-yet")
    environment = {**config.environment, **stand_ins}
    return replace(services, config=replace(config, environment=environment))


def rows_line(found: Rehearsal) -> str:
    """What would become of the rows, as a sentence."""
    report = found.report
    looked = f"{found.rows:,} rows" if found.whole else f"the first {found.rows:,} rows"
    parts = [f"Of {looked}, {report.added:,} become items"]
    if report.already_there:
        parts.append(f"{report.already_there:,} repeat another row")
    if report.rejected:
        parts.append(f"{report.rejected:,} {'is' if report.rejected == 1 else 'are'} left out")
    tail = "" if found.whole else f" The whole file gives about {found.items:,} items."
    return f"{', '.join(parts)}.{tail}"


def plan_line(plan: Plan) -> str:
    """What one model would be asked and cost, as a sentence."""
    name = f"{plan.name} ({plan.model})" if plan.name else plan.model
    if plan.free:
        return f"{name}: {plan.items:,} items, free of charge."
    tokens = f"{plan.tokens_in:,} tokens in, {plan.tokens_out:,} out"
    cost = (
        "cost unknown, say what its tokens cost"
        if plan.cost_usd is None
        else f"about ${plan.cost_usd:,.2f}"
    )
    return f"{name}: {plan.items:,} items, {plan.calls:,} calls, about {tokens}: {cost}."


def lines(found: Rehearsal) -> Iterator[str]:
    """All of it, for a terminal."""
    yield rows_line(found)
    yield from (f"  {line}" for line in told_more(found.report))
    yield from (f"  {line}" for line in found.report.first_rejects)
    for asked in found.asked:
        yield from _asked_lines(asked)


def _asked_lines(asked: Asked) -> Iterator[str]:
    if asked.why:
        yield f"{asked.question}: {asked.why}"
    for item, calls in asked.prompts:
        first = calls[0]
        yield f"=== {asked.question} · {item.key} · {first.variant}, 1 of {len(calls)} calls"
        for message in first.prompt.messages:
            yield f"--- {message.role}"
            yield message.content
    yield from (f"{asked.question}: {plan_line(plan)}" for plan in asked.plans)
