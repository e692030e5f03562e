"""What a lead reads: variants that should not vote, and who has answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from annotate.project import Project
from annotate.workflow.prelabels.validating import Validation, remedy
from app import look


def unfit_variants(found: Validation, project: Project) -> None:
    """The variants that should not vote, and what to do; nothing where there are none."""
    if not found.flagged:
        return
    st.subheader("Variants that should not vote", anchor=False)
    rows = [
        (
            one.variant,
            one.verdict,
            f"{one.check.right.estimate:.0%} of {one.check.n:,}" if one.check.right else "",
            f"{one.check.chance:.0%}",
        )
        for one in found.flagged
    ]
    look.show(look.table(("variant", "verdict", "right", "by guessing"), rows))
    look.show(look.text("hint", remedy([found], project) or ""))


def people(rows: Sequence[Mapping[str, Any]]) -> None:
    """Who has answered how much."""
    if not rows:
        return
    st.subheader("People", anchor=False)
    body = [
        (row["name"], f"{row['answers']:,}", f"{row['skips']:,}", look.moment(row["last"]))
        for row in rows
    ]
    look.show(look.table(("name", "answers", "skipped", "last"), body))
