"""What a lead chooses to see, kept in the page's address so that it can be sent to somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import streamlit as st

from annotate.workflow.disagreement.chosen import NO_ANSWER, Filters, Options

NAMES = tuple(one.name for one in fields(Filters))


def current(question: str) -> Filters:
    """The filters as they stand in the session, or else in the address.

    question: where it is another one than before, what is about its answers is let go.
    """
    before = st.session_state.get("filtered-question", question)
    st.session_state["filtered-question"] = question
    if before != question:
        put(Filters(search=_of("search"), source_key=_of("source_key"), source=_of("source")))
    return Filters(**{name: _of(name) or _usual(name) for name in NAMES})


def _of(name: str) -> str:
    known = st.session_state.get(name)
    text = str(known or "") if name in st.session_state else str(st.query_params.get(name, ""))
    return text.strip() if name == "search" else text


def _usual(name: str) -> str:
    return str(getattr(Filters(), name))


def put(filters: Filters) -> None:
    """Choose these; for callbacks, which run before anything is drawn."""
    for name in NAMES:
        text = getattr(filters, name)
        st.session_state[name] = text if text or name == "search" else None


def draw(options: Options) -> None:
    """The widgets; each is a name in the address."""
    first, second = st.columns([3, 2], vertical_alignment="bottom")
    first.text_input(
        "Find in the text, or by id",
        key="search",
        bind="query-params",
        placeholder='refund "not working"',
    )
    second.segmented_control(
        "Of what people answered, show",
        ["differing", "all"],  # as they are: a formatted option is another word in the address
        default="differing",
        required=True,
        key="show",
        bind="query-params",
    )
    _row(
        ("people", "People say", options.values),
        ("model", "The model says", (*options.values, NO_ANSWER) if options.values else ()),
        ("annotator", "Answered by", options.people),
        ("other", "and also by", options.people if len(options.people) > 1 else ()),
        ("other_says", "who says", options.values if len(options.people) > 1 else ()),
    )
    _row(
        ("source_key", "Source: which key", options.source_keys),
        ("source", "Source", options.sources),
        ("answered_by", "Model", options.models if len(options.models) > 1 else ()),
        ("prompt", "Prompt version", options.prompts if len(options.prompts) > 1 else ()),
        ("week", "Answered in the week of", options.weeks),
        ("status", "Consensus", options.statuses),
    )


def _row(*choices: tuple[str, str, Sequence[str]]) -> None:
    """A line of choices; what leaves no choice is left out, unless it is chosen."""
    there = [one for one in choices if one[2]]
    if not there:
        return
    for column, (name, label, options) in zip(st.columns(len(there)), there, strict=True):
        column.selectbox(
            label,
            options,
            index=None,
            placeholder="any",
            key=name,
            bind="query-params",
        )
