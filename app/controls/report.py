"""What a lead reads: numbers, people against the model, and the export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from annotate.project import Project
from annotate.questions import brief
from annotate.workflow.review import Confusion, Disagreement, QuestionStatus
from annotate.workflow.validating import Validation, remedy
from app import look
from app.controls import exporting
from app.services import Services
from app.state import Here

SNIPPET_CHARS = 140


def numbers(stand: QuestionStatus) -> None:
    """The way of the items in one strip, and how good the answers are in a line below."""
    auto, audit = stand.destinations.get("auto", 0), stand.destinations.get("audit", 0)
    to_people = stand.destinations.get("annotate", 0) + audit
    steps = [
        (stand.items, "items", ""),
        (stand.prelabelled, "pre-labelled", ""),
        (auto, "kept by the model", ""),
        (to_people, "for people", f"{audit:,} of them to check the model" if audit else ""),
        (stand.answered_items, "answered", ""),
        (stand.slots_waiting, "answers waiting", f"{stand.slots_in_hand:,} more in hand"),
    ]
    if strong := stand.destinations.get("strong", 0):
        steps.insert(3, (strong, "for the stronger model", ""))
    cells = "".join(
        f"<div><b>{count:,}</b><span>{name}</span><small>{note}</small></div>"
        for count, name, note in steps
    )
    look.show(f'<div class="steps">{cells}</div><p class="hint">{" · ".join(_quality(stand))}</p>')


def _quality(stand: QuestionStatus) -> list[str]:
    calls = ", ".join(f"{count:,} {name}" for name, count in stand.calls.items())
    facts = [f"Calls: {calls}"] if calls else []
    if stand.tokens_in or stand.tokens_out:
        facts.append(f"{stand.tokens_in:,} tokens in, {stand.tokens_out:,} out")
    if stand.compared:
        facts.append(f"People and model agree on {stand.agreeing:,} of {stand.compared:,}")
    if stand.distance is not None:
        facts.append(f"Mean distance between their answers: {stand.distance:.2f} of 1")
    measured = (("model", stand.model_accuracy), ("people", stand.people_accuracy))
    right = [f"{who} {accuracy:.1%}" for who, accuracy in measured if accuracy is not None]
    if right:
        facts.append(f"Right where the answer is known: {', '.join(right)}")
    return facts


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


def confusion_table(table: Confusion) -> None:
    """People in rows, the model in columns; agreement stands on the diagonal."""
    st.subheader("People against the model", anchor=False)
    most = max(int(table.counts.max()), 1)
    heads = "".join(
        f"<th><span>{escape(str(c))}</span></th>" for c in (*table.classes, "no answer")
    )
    rows = []
    for row, value in enumerate(table.classes):
        cells = []
        for column, count in enumerate(int(n) for n in table.counts[row]):
            kind = "same" if row == column else "other"
            depth = f"{100 * count / most:.0f}%"
            shown = str(count) if count else "·"
            cells.append(f'<td class="{kind}" style="--depth:{depth}">{shown}</td>')
        rows.append(f"<tr><th>{escape(str(value))}</th>{''.join(cells)}</tr>")
    look.show(
        '<div class="scroll"><table class="confusion"><thead><tr><th>people ↓ model →</th>'
        f"{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def disagreement(one: Disagreement, question: str) -> bool:
    """A row for one item; True when its history is asked for."""
    body = " ".join(" · ".join(one.item.fields.values()).split())[:SNIPPET_CHARS]
    with st.container(
        key=f"row-{question}-{one.item.id}", horizontal=True, vertical_alignment="center"
    ):
        look.show(
            f'<div class="differ"><b>{escape(brief(one.people))}</b> '
            f"<i>model: {escape(brief(one.model))}</i><p>{escape(body)}</p></div>"
        )
        return bool(st.button("History", key=f"open-{question}-{one.item.id}", type="tertiary"))


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


def export(services: Services, here: Here) -> None:
    """Choose a format, see how its file begins, take it."""
    exporting.panel(services, here)
