"""A new project made of another tool's export: what was asked there is asked here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from annotate.importers import TOOLS
from annotate.importers.guessing import Guess
from annotate.workflow.projects.moving_in import questions_asked
from app import look
from app.controls.creating.datafile import Chosen
from app.controls.creating.questions_form import KINDS, Asked

MOST_SHOWN = 12


def asked_there(chosen: Chosen, guessed: Guess, columns: Mapping[str, str]) -> list[Asked] | None:
    """The questions that take the answers of an export; None where somebody asks other ones, or
    where there is nothing to go by."""
    if not chosen.found.tool:
        return None
    drafts = questions_asked(chosen.found, guessed, columns)
    if not drafts:
        return None
    title = TOOLS[chosen.found.tool].title
    same = st.toggle(
        f"Ask what the {title} export asks", value=True, key=f"same-{chosen.upload}",
        help="The answers that come along are answers to these questions.",
    )  # fmt: skip
    if not same:
        look.show(look.text("hint", "Answers to questions that are called otherwise stay behind."))
        return None
    heads = ("question", "answer", "with")
    look.show(look.table(heads, [(one["name"], KINDS[one["type"]], _with(one)) for one in drafts]))
    return [Asked(said=_worded(one, chosen.upload), gold=None) for one in drafts]


def _worded(draft: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The draft with the words that people read: tools keep only its name."""
    name = str(draft["name"])
    text = st.text_input(
        look.plain(f"What people read for {name}"), draft["text"], key=f"worded-{key}-{name}"
    )
    return {**draft, "text": str(text).strip() or name}


def _with(draft: Mapping[str, Any]) -> str:
    """What can be answered."""
    if "labels" in draft:
        names = [str(one["name"]) for one in draft["labels"]]
        rest = len(names) - MOST_SHOWN
        return ", ".join(names[:MOST_SHOWN]) + (f", and {rest} more" if rest > 0 else "")
    if "scale" in draft:
        return f"{draft['scale']['min']} to {draft['scale']['max']}"
    if "responses" in draft:
        return ", ".join(map(str, draft["responses"]))
    return f"draft: {draft['draft']}" if "draft" in draft else ""
