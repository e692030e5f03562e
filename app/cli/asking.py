"""Commands about asking the model: try the server, tell the cost, show what is sent."""

from __future__ import annotations

from argparse import Namespace

from annotate.clock import iso
from annotate.errors import NotFound
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.prices import price_of
from annotate.llm.prompts import Asked
from annotate.llm.variants import belongs
from annotate.people import operator
from annotate.workflow.connecting import connect
from annotate.workflow.planning import Plan, plan, show_prompts
from annotate.workflow.prelabelling import to_ask
from app.cli.output import say, table
from app.cli.validating import check_options, run_validate
from app.services import services_for

NO_EXAMPLES = "none (audited items and those with a known answer are never shown)"


def run_connect(arguments: Namespace) -> None:
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        llm = services.llm(project)
        found = connect(llm, services.key(project), actor=operator(services.now()))
        now = iso(services.now())
        store.connections.keep(found.base_url, found.model, found.to_json(), now=now)
    say(f"{found.model} at {found.base_url}")
    table([{"feature": f, "verdict": v, "seen": seen} for f, v, seen in found.table()])


def run_plan(arguments: Namespace) -> None:
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        for question in project.questions:
            annotator = services.prelabeller(project, question)
            items = to_ask(store, project, question, annotator)
            if annotator.free:
                say(f"{question.name}: {items} items, free of charge ({annotator.model})")
                continue
            samples = project.llm.samples if isinstance(annotator, ChatPrelabeller) else 1
            found = plan(
                store,
                project,
                question,
                actor=operator(services.now()),
                price=price_of(project.llm),
                items=items,
                calls_per_item=samples
                * sum(not belongs(name, project.llm.exclude) for name in annotator.variants()),
            )
            _say_plan(found)


def _say_plan(found: Plan) -> None:
    cost, price = "unknown: add `llm.price`", "none"
    if found.price is not None and found.cost_usd is not None:
        cost = f"${found.cost_usd:,.4f}"
        price = (
            f"${found.price.usd_per_m_in:g} in, ${found.price.usd_per_m_out:g} out per million, "
            f"as of {found.price.as_of}"
        )
    basis = f"mean of {found.measured} earlier calls" if found.measured else "length of the prompts"
    rows = {
        "items": f"{found.items:,}",
        "calls": f"{found.calls:,}",
        "tokens in": f"{found.tokens_in:,}",
        "tokens out": f"{found.tokens_out:,}",
        "cost": cost,
        "price": price,
        "tokens taken from": basis,
        "human-labelled examples": f"the most similar of {found.examples:,}"
        if found.examples
        else NO_EXAMPLES,
    }
    say(found.question)
    table([{"": name, "expected": value} for name, value in rows.items()])


def run_prompts(arguments: Namespace) -> None:
    check_options(arguments)
    if arguments.action == "validate":
        run_validate(arguments)
        return
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        for question in project.questions:
            actor = operator(services.now())
            shown = show_prompts(store, project, question, arguments.item, actor=actor)
            names = [name for name, _ in shown]
            if arguments.variant is not None and arguments.variant not in names:
                raise NotFound(f"no variant {arguments.variant!r}; there are: {', '.join(names)}")
            for name, asked in shown:
                if arguments.variant in (None, name):
                    _say_prompt(f"{question.name} · {name}", asked)


def _say_prompt(title: str, asked: Asked) -> None:
    say(f"=== {title} ({asked.prompt.version}, {asked.prompt.hash})")
    for message in asked.prompt.messages:
        say(f"--- {message.role}")
        say(message.content)
    say()
