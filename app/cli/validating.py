"""`coannotate prompts validate`: how each variant does where the answer is known."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from annotate.errors import AnnotateError, NotFound
from annotate.people import operator
from annotate.project import Project
from annotate.workflow.prelabels.validating import Validation, VariantCheck, remedy, validate
from app.cli.output import say, table
from app.cli.prelabelled import asked_of_a_model
from app.workplace import workplace_for


def check_options(arguments: Namespace) -> None:
    """Raises AnnotateError for an option that this action would silently drop."""
    if arguments.action == "validate" and arguments.item is not None:
        raise AnnotateError("--item goes with `prompts show`; validate judges all items")
    if arguments.action == "show" and arguments.json:
        raise AnnotateError("--json goes with `prompts validate`; show prints the messages")


def run_validate(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        actor = operator(services.now())
        asked = asked_of_a_model(project)
        found = [validate(store, project, question, actor=actor) for question in asked]
    _check_name(found, arguments.variant)
    if arguments.json:
        questions = [_as_json(one, arguments.variant) for one in found]
        told = {
            "project": project.project,
            "questions": questions,
            "remedy": remedy(found, project),
        }
        say(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for one in found:
        _say_question(one, arguments.variant)
    _say_what_to_do(found, project)


def _check_name(found: Sequence[Validation], name: str | None) -> None:
    names = sorted({one.variant for question in found for one in question.variants})
    if name is not None and names and name not in names:
        raise NotFound(f"no variant {name!r} has answered; there are: {', '.join(names)}")


def _say_question(found: Validation, only: str | None) -> None:
    say(found.question)
    if not found.judged:
        say("  has no fixed set of answers: no variant can be held against guessing")
        return
    if not found.variants:
        say("  no item has both an answer of the model and one of people, or a known one")
        return
    checks = [one for one in found.variants if only in (None, one.variant)]
    models = {one.model for one in found.variants}
    table([_row(one, with_model=len(models) > 1) for one in checks])
    say(
        f"  judged on {found.known:,} items by their known answer and on {found.answered:,} by "
        "people who had not seen the model's"
    )


def _row(one: VariantCheck, *, with_model: bool) -> dict[str, object]:
    check, interval = one.check, ""
    if check.right is not None:
        interval = f"{check.right.low:.0%} to {check.right.high:.0%}".replace("% to", " to")
    model = {"model": one.model} if with_model else {}
    return {
        "variant": one.variant,
        **model,
        "items": check.n,
        "right": _share(check.right.estimate if check.right else None),
        "95 %": interval,
        "guessing": _share(check.chance if check.n else None),
        "always the commonest": _named(check.commonest, check.commonest_label, one),
        "says most": _named(check.favourite_share, check.favourite, one),
        "abstains": _share(one.abstained),
        "unusable": _share(one.unusable),
        "like the others": _share(one.with_others),
        "verdict": "excluded" if one.excluded else one.verdict,
    }


def _named(share: float | None, label: int | None, one: VariantCheck) -> str:
    return "" if share is None or label is None else f"{share:.0%} {one.answers[label]}"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _say_what_to_do(found: Sequence[Validation], project: Project) -> None:
    if any(one.answered for one in found):
        say(
            "\nPeople mostly get what the model is unsure of: compare variants with each other; "
            "over all\nitems they do better."
        )
    if any(variant.about is not None for one in found for variant in one.variants):
        say("A variant that asks about one class (way:class) is judged by its yes or no.")
    if (told := remedy(found, project)) is not None:
        say(told)


def _as_json(found: Validation, only: str | None) -> dict[str, Any]:
    checks = [one for one in found.variants if only in (None, one.variant)]
    return {
        "question": found.question,
        "items_with_known_answer": found.known,
        "items_answered_by_people": found.answered,
        "variants": [_variant_as_json(one) for one in checks],
    }


def _variant_as_json(one: VariantCheck) -> dict[str, Any]:
    check = asdict(one.check)
    for name in ("commonest_label", "favourite"):
        label = check[name]
        check[name] = None if label is None else one.answers[label]
    verdict = check.pop("verdict")
    return {
        "variant": one.variant,
        "model": one.model,
        "about": one.about,
        "answers": list(one.answers),
        "verdict": verdict,
        "verdict_text": one.verdict,
        "flagged": one.flagged,
        "excluded": one.excluded,
        **check,
        "chance": one.check.chance,
        "abstained": one.abstained,
        "unusable": one.unusable,
        "with_others": one.with_others,
    }
