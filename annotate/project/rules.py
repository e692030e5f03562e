"""Rules that span several keys of a project: (path, rule broken, remedy)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from annotate.llm.variants import unknown_variants
from annotate.project.settings import LLMSettings, Project, RoutingSettings
from annotate.questions import QUESTION_TYPES
from routing.policies import POLICIES

Broken = tuple[tuple[str | int, ...], str, str]

PROVIDERS = ("local", "openai")


def broken_rules(project: Project) -> Iterator[Broken]:
    """Everything that is wrong although each key alone is well-formed."""
    yield from _fields(project)
    yield from _questions(project)
    yield from _import(project)
    yield from _llm(project.llm)
    yield from _routing(project.routing)


def _fields(project: Project) -> Iterator[Broken]:
    for at, name in enumerate(project.fields):
        if name in project.fields[:at]:
            yield ("fields", at), f"{name!r} stands twice", "Remove one."


def _questions(project: Project) -> Iterator[Broken]:
    names = [question.name for question in project.questions]
    for at, question in enumerate(project.questions):
        if question.name in names[:at]:
            yield ("questions", at, "name"), f"{question.name!r} stands twice", "Rename one."
        for rule, remedy in QUESTION_TYPES[question.type].check(question, project.fields):
            yield ("questions", at), rule, remedy


def _import(project: Project) -> Iterator[Broken]:
    for name in project.import_.columns:
        if name not in project.fields:
            rule = f"{name!r} is not one of the project's fields"
            yield ("import", "columns", name), rule, _did_you_mean(name, project.fields)
    names = [question.name for question in project.questions]
    for name in project.import_.gold:
        if name not in names:
            rule = f"{name!r} is not one of the project's questions"
            yield ("import", "gold", name), rule, _did_you_mean(name, names)


def _llm(llm: LLMSettings) -> Iterator[Broken]:
    if llm.provider not in PROVIDERS:
        yield (
            ("llm", "provider"),
            f"{llm.provider!r} is unknown",
            _did_you_mean(llm.provider, PROVIDERS),
        )
    if llm.provider == "openai" and not llm.model:
        yield ("llm", "model"), "is required for provider openai", "Name the server's model."
    if llm.base_url and not llm.base_url.startswith(("http://", "https://")):
        yield (
            ("llm", "base_url"),
            f"{llm.base_url!r} is no address",
            "It starts with http:// or https:// and usually ends in /v1.",
        )
    for name, known in unknown_variants(llm.variants):
        yield ("llm", "variants"), f"{name!r} is unknown", _did_you_mean(name, known)


def _routing(routing: RoutingSettings) -> Iterator[Broken]:
    if routing.policy not in POLICIES:
        yield (
            ("routing", "policy"),
            f"{routing.policy!r} is unknown",
            _did_you_mean(routing.policy, tuple(POLICIES)),
        )
    if routing.policy == "threshold" and routing.threshold is None:
        yield ("routing", "threshold"), "is required for policy threshold", "Add it, 0 to 1."
    if routing.policy == "threshold" and routing.budget is not None:
        yield (
            ("routing", "budget"),
            "is not used by policy threshold",
            "Remove it, or set `policy: budget`.",
        )
    if routing.policy != "threshold" and routing.threshold is not None:
        yield (
            ("routing", "threshold"),
            f"is not used by policy {routing.policy}",
            "Remove it, or set `policy: threshold`.",
        )


def _did_you_mean(given: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(given, names, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(names)}."
