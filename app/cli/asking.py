"""Commands about asking the model: try the server, tell the cost, show what is sent."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from annotate.errors import AnnotateError, NotFound, ProviderError
from annotate.llm.books.prices import Price
from annotate.llm.ensemble import named
from annotate.llm.prelabeller import Preview
from annotate.llm.servers.capabilities import Capabilities
from annotate.people import operator
from annotate.project import Project
from annotate.project.settings import LLMSettings
from annotate.store import Store
from annotate.store.rows import to_json
from annotate.workflow.prelabels.connecting import connect, keep, summary
from annotate.workflow.prelabels.planning import Plan, plan, show_prompts
from app.cli.output import fail, say, table
from app.cli.prelabelled import asked_of_a_model
from app.cli.validating import check_options, run_validate
from app.services import Services, services_for

NO_EXAMPLES = "none (audited items and those with a known answer are never shown)"


def run_connect(arguments: Namespace) -> None:
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        models = services.models(project)
        if len(models) == 1:
            found = _tried(services, store, models[0][1])
            _say_seen("", models[0][1].llm, found)
            return
        tried: dict[Place, Capabilities] = {}
        down = [
            name for name, alone in models if not _connected(services, store, name, alone, tried)
        ]
    if down:
        raise AnnotateError(f"not every model can be asked: {', '.join(down)}")


Place = tuple[str | None, str | None]


def _connected(
    services: Services, store: Store, name: str, alone: Project, tried: dict[Place, Capabilities]
) -> bool:
    """Try one of several models and show what came of it; a model that fails stops no other.

    tried: by server and model; two members that differ only in how they are asked are one.
    """
    place = alone.llm.base_url, alone.llm.model
    if alone.llm.provider == "local":
        say(f"{name}: the local annotator is part of this program, there is no server to try\n")
        return True
    try:
        if place not in tried:
            tried[place] = _tried(services, store, alone)
    except ProviderError as error:
        fail(str(named(name, error)))
        return False
    _say_seen(f"{name}: ", alone.llm, tried[place])
    say()
    return True


def _tried(services: Services, store: Store, alone: Project) -> Capabilities:
    now = services.now()
    found = connect(alone.llm, services.key(alone.llm), actor=operator(now))
    keep(store, found, now=now)
    return found


def _say_seen(title: str, llm: LLMSettings, found: Capabilities) -> None:
    say(f"{title}{found.model} at {found.base_url}")
    table([{"feature": f, "verdict": v, "seen": seen} for f, v, seen in found.table()])
    if llm.provider == "auto":
        say(summary(llm, found))


def run_plan(arguments: Namespace) -> None:
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        for question in asked_of_a_model(project):
            annotator = services.prelabeller(store, project, question)
            actor = operator(services.now())
            found = plan(store, project, question, annotator, actor=actor)
            say(f"{question.name}: {found[0].items:,} items to ask about")
            for one in found:
                _say_plan(one, batches=services.offers_batches(store, project, one.name))
            if len(found) > 1:
                _say_total(found)


def _say_plan(found: Plan, *, batches: bool) -> None:
    """batches: whether the server was seen to have a Batch API."""
    title = f"{found.name} ({found.model})" if found.name else found.model
    if found.free:
        say(f"{title}: {found.items:,} items, free of charge")
        return
    basis = f"mean of {found.measured:,} earlier calls"
    rows = {
        "items": f"{found.items:,}",
        "calls": f"{found.calls:,}",
        "answers already known": f"{found.known:,}",
        "tokens in": f"{found.tokens_in:,}",
        "tokens out": f"{found.tokens_out:,}",
        "tokens from": basis if found.measured else "length of the prompts",
        "cost": _dollars(found.cost_usd),
        "price": _price(found.price),
        **({"cost with --batch": _batch_dollars(found)} if batches else {}),
        "human-labelled examples": (
            f"the most similar of {found.examples:,}" if found.examples else NO_EXAMPLES
        ),
    }
    say(title)
    table([{"": name, "expected": value} for name, value in rows.items()])


def _say_total(found: Sequence[Plan]) -> None:
    costs = [one.cost_usd for one in found if not one.free]
    known = [cost for cost in costs if cost is not None]
    cost = f"${sum(known):,.4f}" if known else "cost unknown"
    if known and len(known) < len(costs):
        cost += " and what the models of unknown price cost"
    say(f"together: {sum(one.calls for one in found):,} calls, {cost}")


def _dollars(cost_usd: float | None) -> str:
    return "unknown: add `price`" if cost_usd is None else f"${cost_usd:,.4f}"


def _batch_dollars(found: Plan) -> str:
    if found.price is None:
        return _dollars(None)
    return _dollars(found.price.batched().cost(found.tokens_in, found.tokens_out))


def _price(price: Price | None) -> str:
    if price is None:
        return "none"
    return (
        f"${price.usd_per_m_in:g} in, ${price.usd_per_m_out:g} out per million, as of {price.as_of}"
    )


def run_prompts(arguments: Namespace) -> None:
    check_options(arguments)
    if arguments.action == "validate":
        run_validate(arguments)
        return
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        for question in asked_of_a_model(project):
            annotator = services.prelabeller(store, project, question)
            actor = operator(services.now())
            shown = show_prompts(store, project, question, annotator, arguments.item, actor=actor)
            if not shown:
                say(f"{question.name}: {annotator.model} is part of this program: nothing is sent")
                continue
            names = dict.fromkeys(call.variant for call in shown)
            if arguments.variant is not None and arguments.variant not in names:
                raise NotFound(f"no variant {arguments.variant!r}; there are: {', '.join(names)}")
            for name in names:
                if arguments.variant in (None, name):
                    same = [call for call in shown if call.variant == name]
                    _say_prompt(f"{question.name} · {name}", same[0], times=len(same))


def _say_prompt(title: str, call: Preview, *, times: int) -> None:
    often = f", {times} times" if times > 1 else ""
    say(f"=== {title} ({call.prompt.version}, {call.prompt.hash}{often})")
    for message in call.prompt.messages:
        say(f"--- {message.role}")
        say(message.content)
    for name, value in call.beside.items():
        say(f"--- {name}")
        say(to_json(value))
    say()
