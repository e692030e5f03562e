"""An export as the command that makes it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from annotate.exporters import DIALECTS
from annotate.splits.plan import SplitPlan
from annotate.training.protocol import Rules
from annotate.workflow.exports.request import Request

USUAL = Rules()


def command(request: Request, out: str, *, project: str | None = None) -> str:
    """`coannotate export` with the options that are not as usual. project: None where the folder
    has only one.

    >>> command(Request("labels", rules=Rules(truth="consensus")), "a b.jsonl")
    "coannotate export labels -o 'a b.jsonl' --truth consensus"
    """
    words = ["coannotate", "export", request.dialect, "-o", out]
    words += ["--project", project] if project else []
    usual = DIALECTS[request.dialect].forms[0]
    words += ["--form", request.form] if request.form not in (None, usual) else []
    words += ["--question", request.question] if request.question else []
    words += [*_rules(request.rules), *_splits(request.splits)]
    words += ["--passport"] if request.passport else []
    words += ["--guard-formulas"] if request.guard_formulas else []
    return shlex.join(words)


def _rules(rules: Rules) -> Iterator[str]:
    if rules.truth != USUAL.truth:
        yield from ("--truth", rules.truth)
    if rules.min_posterior:
        yield from ("--min-posterior", f"{rules.min_posterior:g}")
    if rules.sft_from != USUAL.sft_from:
        yield from ("--sft-from", *sorted(rules.sft_from))
    if rules.pairs != USUAL.pairs:
        yield from ("--pairs", rules.pairs)
    if rules.per_prompt is not None:
        yield from ("--per-prompt", str(rules.per_prompt))
    if rules.min_margin:
        yield from ("--min-margin", f"{rules.min_margin:g}")
    yield from ("--echoes",) if rules.echoes else ()
    yield from ("--guideline",) if rules.guideline else ()


def _splits(plan: SplitPlan | None) -> Iterator[str]:
    if plan is None:
        return
    yield from ("--splits", ",".join(f"{name}={share:g}" for name, share in plan.shares))
    if plan.by:
        yield from ("--split-by", *plan.by)
    yield from () if plan.near_duplicates else ("--split-duplicates",)
    if plan.seed != SplitPlan().seed:
        yield from ("--split-seed", plan.seed)
