"""What is to be exported, as one value: for commands, pages, jobs and manifests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, get_args

from annotate.errors import AnnotateError, NotFound
from annotate.exporters import DIALECTS, Dialect, Part
from annotate.exporters.forms import FORMS
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.splits.plan import SplitPlan
from annotate.training.protocol import PairRule, Rules, SftFrom, Truth

ZIP = ".zip"
STRICT = Rules()
_SPLIT_NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Request:
    """One export. dialect: a name in DIALECTS. form: a name in FORMS; None: by the suffix of the
    file, or else the dialect's usual one. question: only this one. passport: with the column
    `meta`, where each row comes from. guard_formulas: CSV that a spreadsheet may open.
    """

    dialect: str
    form: str | None = None
    question: str | None = None
    rules: Rules = STRICT
    splits: SplitPlan | None = None
    passport: bool = False
    guard_formulas: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it stands in jobs and manifests; `from_json` gives it back."""
        plan = None if self.splits is None else asdict(self.splits)
        if plan is not None:
            plan |= {"shares": [list(pair) for pair in plan["shares"]], "by": list(plan["by"])}
        rules = asdict(self.rules) | {"sft_from": sorted(self.rules.sft_from)}
        return {f.name: getattr(self, f.name) for f in fields(self)} | {
            "rules": rules,
            "splits": plan,
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Raises AnnotateError for keys and rules that there are not."""
        known = {field.name for field in fields(cls)}
        _only(said, known, "an export")
        plan = said.get("splits")
        values = {**said, "rules": rules_of(said.get("rules") or {})}
        return cls(**{**values, "splits": None if plan is None else plan_of(plan)})


def rules_of(said: Mapping[str, Any]) -> Rules:
    """Rules by their names. Raises AnnotateError for what there is not."""
    _only(said, {field.name for field in fields(Rules)}, "the rules")
    if "sft_from" in said:
        said = {**said, "sft_from": frozenset(said["sft_from"])}
    rules = Rules(**said)
    for name, value in (("pairs", rules.pairs), ("truth", rules.truth)):
        _one_of(name, value, get_args({"pairs": PairRule, "truth": Truth}[name]))
    for answers in rules.sft_from:
        _one_of("sft_from", answers, get_args(SftFrom))
    for name in ("min_margin", "min_posterior"):
        if not 0 <= getattr(rules, name) <= 1:
            raise AnnotateError(f"{name} is {getattr(rules, name)}: it is a share from 0 to 1")
    if rules.per_prompt is not None and rules.per_prompt < 1:
        raise AnnotateError(f"per_prompt is {rules.per_prompt}: at least 1, or leave it out")
    return rules


def plan_of(said: Mapping[str, Any]) -> SplitPlan:
    """A plan by its names. Raises AnnotateError for what cannot be carried out."""
    _only(said, {field.name for field in fields(SplitPlan)}, "the splits")
    shares = said.get("shares", SplitPlan().shares)
    pairs = tuple((str(name), float(share)) for name, share in shares)
    for name, share in pairs:
        if not _SPLIT_NAME.fullmatch(name):
            raise AnnotateError(f"{name!r} is no name of a split: letters, digits and _ only")
        if not 0 < share < 1:
            raise AnnotateError(f"the share of {name} is {share:g}: it is above 0 and below 1")
    if len(dict(pairs)) < 2 or len(dict(pairs)) < len(pairs):
        raise AnnotateError("splits are at least two, each named once, as in train=0.9,test=0.1")
    if abs(sum(share for _, share in pairs) - 1) > 1e-6:
        raise AnnotateError(
            f"the shares of the splits add up to {sum(share for _, share in pairs):g}: make it 1"
        )
    return SplitPlan(**{**said, "shares": pairs, "by": tuple(said.get("by", ()))})


def _only(said: Mapping[str, Any], known: set[str], what: str) -> None:
    for name in said:
        if name not in known:
            raise AnnotateError(f"{what} has no {name!r}; there are: {', '.join(sorted(known))}")


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise AnnotateError(f"{name} is {value!r}; there are: {', '.join(known)}")


# what a request comes to


@dataclass(frozen=True, slots=True)
class Job:
    """A request, checked against a project. parts: of a folder; of anything else one, with its
    form. several: whether there are several files.
    """

    request: Request
    dialect: Dialect
    parts: tuple[Part, ...]
    questions: tuple[QuestionSettings, ...]
    several: bool


def job_of(project: Project, request: Request, suffix: str = "") -> Job:
    """Raises NotFound for a dialect, form or question that there is not, AnnotateError for what
    does not go together. suffix: of the file, lower case with the dot; chooses the form."""
    if request.dialect not in DIALECTS:
        known = ", ".join(DIALECTS)
        raise NotFound(f"no export format {request.dialect!r}; there are: {known}")
    dialect = DIALECTS[request.dialect]
    questions = _questions(project, request.question)
    alone = Part(request.dialect, request.dialect, _form(request, suffix), request.question or "")
    parts = tuple(_parts(dialect, [one.name for one in questions])) or (alone,)
    for part in parts:
        _fits(request, part)
    several = bool(dialect.parts) or request.splits is not None
    return Job(request, dialect, parts, questions, several)


def _parts(dialect: Dialect, questions: Sequence[str]) -> Iterator[Part]:
    """The tables of a folder, where it is one for each question: `labels_topic`, `votes_topic`.

    Columns hold values of one kind then, and labels can be classes.
    """
    if not dialect.each_question:
        yield from dialect.parts
        return
    for name in questions:
        for part in dialect.parts:
            called = part.name if len(questions) == 1 else f"{part.name}_{name}"
            yield replace(part, name=called, question=name)


def _form(request: Request, suffix: str) -> str:
    forms = DIALECTS[request.dialect].forms
    if request.form is None:
        return next((name for name in forms if suffix in FORMS[name].suffixes), forms[0])
    if request.form not in forms:
        raise NotFound(
            f"{request.dialect} is not written as {request.form!r}; there are: {', '.join(forms)}"
        )
    return request.form


def check_name(job: Job, out: Path) -> None:
    """Raises AnnotateError where a file would be called what it is not: nobody could read it.

    What is plain text may be called anything that is no other form; so may what `form` names.
    """
    [part], suffix = job.parts, out.suffix.lower()
    form = FORMS[part.form]
    if suffix in ("", *form.suffixes):
        return
    others = {ZIP, *(one for _, each in FORMS.items() for one in each.suffixes)}
    if suffix not in others and (job.request.form or not form.several):
        return
    if job.request.form:
        way = f"call it {out.with_suffix(form.suffix).name}"
    else:
        names = dict.fromkeys(FORMS[name].suffix for name in job.dialect.forms)
        way = f"let it end in {' or '.join(names)}, or say with --form which of these it is"
    raise AnnotateError(f"{out}: {part.dialect} is not written as {suffix}: {way}")


def _fits(request: Request, part: Part) -> None:
    form = FORMS[part.form]
    if request.guard_formulas and not form.guards:
        raise AnnotateError(
            f"{request.dialect} has no spreadsheet cells to guard here: leave out guard_formulas, "
            "or choose the form csv"
        )
    if request.passport and not (form.several and DIALECTS[part.dialect].passport):
        raise AnnotateError(
            f"{request.dialect} has no column for where each row comes from: leave out passport, "
            "and export `labels` with it beside"
        )


def _questions(project: Project, name: str | None) -> tuple[QuestionSettings, ...]:
    chosen = tuple(q for q in project.questions if name in (None, q.name))
    if not chosen:
        names = ", ".join(q.name for q in project.questions)
        raise NotFound(f"no question {name!r} in {project.project!r}; there are: {names}")
    return chosen


def suffix_of(request: Request) -> str:
    """What a file of this export ends in; ".zip" where it is several files in one.

    Raises as `job_of` does.
    """
    if request.dialect not in DIALECTS:
        raise NotFound(f"no export format {request.dialect!r}; there are: {', '.join(DIALECTS)}")
    if DIALECTS[request.dialect].parts or request.splits is not None:
        return ZIP
    return FORMS[_form(request, "")].suffix


def file_name(project: Project, request: Request) -> str:
    """What a download is called, as in `topics.labels.jsonl`."""
    return f"{project.project}.{request.dialect}{suffix_of(request)}"
