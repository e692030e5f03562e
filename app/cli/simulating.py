"""`coannotate simulate`: the curve of error against human share, before anybody is paid."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator

import numpy as np

from annotate.people import operator
from annotate.workflow.routes.simulating import SHARES, YOURS, Simulation, made_up, simulate
from app.cli.output import say, table
from app.cli.prelabelled import asked_of_a_model
from app.services import services_for
from routing.replay import Course

TOLD = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)


def run_simulate(arguments: Namespace) -> None:
    if arguments.made_up is not None:
        found = made_up(
            arguments.made_up,
            classes=arguments.classes,
            model_error=arguments.model_error,
            people_error=arguments.people_error,
            seeds=arguments.seeds,
        )
        _tell({"made up": found}, as_json=arguments.json)
        return
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        simulations = {
            question.name: simulate(
                store,
                project,
                question,
                actor=operator(services.now()),
                seeds=arguments.seeds,
                people_error=arguments.people_error,
                features=services.features(project),
            )
            for question in asked_of_a_model(project)
        }
    _tell(simulations, as_json=arguments.json)


def _tell(simulations: dict[str, Simulation], *, as_json: bool) -> None:
    if as_json:
        found = {name: _numbers(one) for name, one in simulations.items()}
        say(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for name, one in simulations.items():
        _print(name, one)


def _print(name: str, found: Simulation) -> None:
    source = f"{found.gold} known from the data"
    if found.gold < found.items:
        source += f", {found.items - found.gold} from people, who mostly answer what is uncertain"
    say(f"{name}: {found.items} items, {source}")
    say("Labels wrong in %: mean [5 % and 95 % of the courses], by human share")
    places = [int(np.argmin(np.abs(SHARES - share))) for share in TOLD]
    bands = {strategy: course.band() for strategy, course in found.courses.items()}
    table(
        [
            {
                "people": f"{SHARES[at]:.0%}",
                **{s: _cell(*(float(part[at]) for part in band)) for s, band in bands.items()},
            }
            for at in places
        ]
    )
    for strategy, course in found.courses.items():
        for line in _ends(strategy, course):
            say(line)
    say("")


def _cell(low: float, mean: float, high: float) -> str:
    if np.isnan(mean):
        return "-"
    low, mean, high = 100 * low, 100 * mean, 100 * high
    return f"{mean:.1f}" if high - low < 0.05 else f"{mean:.1f} [{low:.1f} {high:.1f}]"


def _ends(strategy: str, course: Course) -> Iterator[str]:
    if strategy != YOURS:
        return
    share, error = float(course.end_share.mean()), float(course.end_error.mean())
    line = f"your settings end at {share:.1%} with people and {error:.1%} wrong"
    usd = float(np.nanmax(course.usd))
    yield f"{line}, for {usd:,.2f} dollars of people's time" if usd else line
    if share < 1:
        low, mean, high = course.repaired(max(share - 100 / course.items, 0.0))
        if not np.isnan(mean):
            yield f"the last 100 labels repaired {mean:.1f} errors ({low:.1f} to {high:.1f})"


def _numbers(found: Simulation) -> dict[str, object]:
    return {
        "items": found.items,
        "gold": found.gold,
        "human_share": SHARES.tolist(),
        "strategies": {
            name: {
                key: [None if np.isnan(value) else round(float(value), 6) for value in part]
                for key, part in zip(("low", "mean", "high"), course.band(), strict=True)
            }
            | {
                "end_share": float(course.end_share.mean()),
                "end_error": float(course.end_error.mean()),
            }
            for name, course in found.courses.items()
        },
    }
