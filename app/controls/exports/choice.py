"""What somebody chooses to export; it stands in the page's address, which can be sent on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any, TypeVar

import streamlit as st

from annotate.exporters import DIALECTS, Dialect
from annotate.exporters.forms import FORMS
from annotate.splits.plan import SplitPlan
from annotate.training.protocol import PairRule, Rules, SftFrom, Truth
from annotate.workflow.disagreement.sources import source_keys
from annotate.workflow.exports.exporting import Request
from app import look
from app.controls.exports import splits as export_splits
from app.state import Here

_Name = TypeVar("_Name", bound=str)
ALL = "all"
PASSPORT = (
    "A column `meta`: who answered, which model and prompt, what was shown, how it was routed, "
    "which guideline, and who decided."
)
FIRST = ("labels", "votes")
USUAL = Rules()
LEARNED: Mapping[SftFrom, str] = {
    "agreed": "a person who had not seen it said what the model says",
    "confirmed": "at least two people agree, or a lead has decided",
    "adjudicated": "a lead has decided",
    "human": "whatever people stand by, one answer included",
    "model": "labels that only the model gave and the routing accepted",
}
PAIRED: Mapping[PairRule, str] = {
    "all": "Every better response against every worse one.",
    "adjacent": "Each response against the next worse one.",
    "best": "The best response against each of the others.",
}
TRUTHS: Mapping[Truth, str] = {
    "people": "What most people say; a tie is no label.",
    "consensus": "What the project's consensus makes of all answers, with its probability.",
}
ASKED: Mapping[str, Sequence[str]] = {
    "rows": ("truth", "sure"),
    "votes": (),
    "examples": ("truth", "learn", "sure", "echoes", "guideline"),
    "pairs": ("truth", "pairs", "sure", "echoes", "guideline"),
    "judged": ("truth", "sure", "echoes", "guideline"),
    "spreads": ("truth", "echoes"),
}
"""Material -> the rules that it goes by: no others are asked for."""


def request(here: Here) -> Request:
    """The export that is chosen."""
    name = _format()
    dialect = DIALECTS[name]
    _about(dialect)
    _all()
    form = _form(dialect)
    question = _question(here)
    rules, splits, passport = how(here, [name], form)
    return Request(
        dialect=name,
        form=form,
        question=question,
        rules=rules,
        splits=splits,
        passport=passport,
        guard_formulas=form is not None and FORMS[form].guards,
    )


def how(
    here: Here, formats: Sequence[str], form: str | None = None
) -> tuple[Rules, SplitPlan | None, bool]:
    """Rules and splits for these formats, and whether each row comes with its history.

    form: of a single one.
    """
    rules = _rules([one for name in formats for one in materials(DIALECTS[name])])
    fields = [*here.project.fields, *source_keys(here.store, here.project.project)]
    splits = export_splits.chosen(fields)
    return rules, splits, bool(formats) and _passport(formats, form)


def materials(dialect: Dialect) -> tuple[str, ...]:
    """What a format is made of; of a folder, what its files are made of."""
    if dialect.material:
        return (dialect.material,)
    return tuple(dict.fromkeys(DIALECTS[part.dialect].material for part in dialect.parts))


def names() -> list[str]:
    """All formats: labels first, then what people train with, folders of several files last."""
    order = list(ASKED)

    def place(name: str) -> tuple[bool, int, str]:
        material = DIALECTS[name].material
        at = order.index(material) if material in order else len(order)
        return name not in FIRST, at, name

    return sorted(DIALECTS, key=place)


def _format() -> str:
    known = names()
    return str(st.selectbox("Format", known, key="format", bind="query-params") or known[0])


def _all() -> None:
    with st.popover("All formats, and what loads them", type="tertiary", icon=":material/list:"):
        heads = ("format", "what it is", "loaded unchanged by")
        rows = [
            (name, DIALECTS[name].description, ", ".join(DIALECTS[name].read_by))
            for name in names()
        ]
        look.show(f'<div class="formats">{look.table(heads, rows)}</div>')


def _about(dialect: Dialect) -> None:
    loads = ", ".join(dialect.read_by)
    lines = [f"<p>{escape(_sentence(dialect.description))}</p>"]
    lines += [f"<p><i>Loaded by</i> {escape(loads)}</p>"] if loads else []
    lines += [f'<p class="note">{escape(dialect.note)}</p>'] if dialect.note else []
    look.show(f'<div class="about">{"".join(lines)}</div>')


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _form(dialect: Dialect) -> str | None:
    """None: the usual one, where there is no choice."""
    if len(dialect.forms) < 2:
        return None
    forms = list(dialect.forms)
    form = str(
        st.segmented_control(
            "File", forms, default=forms[0], required=True, key="form", bind="query-params"
        )
    )
    _hint(_sentence(FORMS[form].description))
    return form


def _question(here: Here) -> str | None:
    """None: all of them."""
    names = [question.name for question in here.project.questions]
    if len(names) < 2:
        return None
    chosen = st.selectbox("Question", [ALL, *names], key="only", bind="query-params")
    return None if chosen in (None, ALL) else str(chosen)


def _passport(formats: Sequence[str], form: str | None) -> bool:
    """A trainer that takes no other column gets none."""
    room = all(_room(DIALECTS[name], form) for name in formats)
    asked = st.checkbox(
        "Each row with its history",
        key="passport",
        bind="query-params",
        disabled=not room,
        help=PASSPORT if room else "There is no column for it here: take `labels` beside.",
    )
    return asked and room


def _room(dialect: Dialect, form: str | None) -> bool:
    parts = [(DIALECTS[part.dialect], part.form) for part in dialect.parts]
    parts = parts or [(dialect, form or dialect.forms[0])]
    return all(one.passport and FORMS[written].several for one, written in parts)


# ---- rules


def _rules(made_of: Sequence[str]) -> Rules:
    asked = list(dict.fromkeys(name for one in made_of for name in ASKED.get(one, ())))
    if not asked:
        return USUAL
    said: dict[str, Any] = {}
    with st.expander("Rules", expanded=True):
        for name in asked:
            said |= _RULES[name]()
    return replace(USUAL, **said)


def _truth() -> dict[str, Any]:
    return {"truth": _one_of("The label is that of", TRUTHS, "people", "truth")}


def _learn() -> dict[str, Any]:
    look.show('<p class="label">Learn from answers that are</p>')
    usual = USUAL.sft_from
    with st.container(gap=None, key="learn"):
        chosen = {
            name
            for name, means in LEARNED.items()
            if st.checkbox(
                f"**{name}**: {means}", name in usual, key=f"from-{name}", bind="query-params"
            )
        }
    if not chosen:
        _hint("Nothing is chosen: the file would be empty.")
    return {"sft_from": frozenset(chosen)}


def _pairs() -> dict[str, Any]:
    pairs = _one_of("Of several responses", PAIRED, "all", "pairs")
    cap = st.number_input(
        "Pairs of one prompt, at most", min_value=1, value=None, step=1, placeholder="all",
        key="cap", bind="query-params", help="The surest first.",
    )  # fmt: skip
    return {"pairs": pairs, "per_prompt": None if cap is None else int(cap)}


def _sure() -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        margin = _share("Least lead in votes", "margin", "Of the label over the next one.")
    with right:
        least = _share("Least probability", "posterior", "Of the label, by the consensus.")
    return {"min_margin": margin, "min_posterior": least}


def _echoes() -> dict[str, Any]:
    echoes = st.checkbox(
        "Also answers given after seeing the model's",
        key="echoes",
        bind="query-params",
        help="Somebody who has seen an answer tends to repeat it: such agreement says little.",
    )
    return {"echoes": echoes}


def _guideline() -> dict[str, Any]:
    return {
        "guideline": st.checkbox(
            "The guideline first, as a system message", key="guideline", bind="query-params"
        )
    }


_RULES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "truth": _truth,
    "learn": _learn,
    "pairs": _pairs,
    "sure": _sure,
    "echoes": _echoes,
    "guideline": _guideline,
}


def _one_of(label: str, means: Mapping[_Name, str], usual: _Name, key: str) -> _Name:
    """One of the names, with what it means below."""
    chosen = st.segmented_control(
        label, list(means), default=usual, required=True, key=key, bind="query-params"
    )
    _hint(means[chosen])
    return chosen


def _share(label: str, key: str, help_text: str) -> float:
    found = st.slider(
        label, 0.0, 1.0, 0.0, 0.05, format="percent", key=key, bind="query-params", help=help_text
    )
    return float(found)


def _hint(text: str) -> None:
    look.show(look.text("hint", text))
