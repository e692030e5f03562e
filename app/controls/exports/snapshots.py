"""Snapshots on a page: what was delivered when, whether it is still so, and what changed since."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from html import escape

import streamlit as st

from annotate.people import require
from annotate.snapshots.comparing import Change, Difference
from annotate.snapshots.wording import sentences
from annotate.workflow.exports.exporting import Request
from annotate.workflow.exports.places import zip_into
from annotate.workflow.projects.jobs import enqueue
from annotate.workflow.snapshots.snapshotting import (
    NOW,
    Snapshot,
    diff,
    folder_of,
    next_name,
    snapshots,
    verify,
)
from app import look
from app.controls import tabular
from app.controls.exports import choice as export_choice
from app.controls.filejobs import listed
from app.controls.linking import item_link
from app.services import Services
from app.state import Here

MOST_BYTES = 100_000_000
"""Of a snapshot that is packed while the browser waits."""
SHORT = 12
WHAT = (
    "The labels, every vote, the data card and a manifest with the digest of every file, as they "
    "are at one moment. A snapshot never changes, and the same state gives the same bytes."
)


def panel(services: Services, here: Here) -> None:
    """Make one; those that there are; what changed between two."""
    require(here.actor, "export")
    left, right = st.columns([2, 3], gap="large")
    with left, look.told():
        _new(services, here)
    with right, look.told():
        listed(services, here, ("snapshot",))
        folder = folder_of(services.workspace)
        found = snapshots(here.store, here.project, actor=here.actor, folder=folder)
        if not found:
            look.show(look.text("hint", "None yet."))
            return
        for one in found:
            _row(services, here, one)
        _compare(services, here, [one.row.name for one in found])


# ---- a new one


def _new(services: Services, here: Here) -> None:
    store, project, actor = here
    usual = next_name(store, project, folder_of(services.workspace))
    st.subheader("New snapshot", anchor=False)
    look.show(look.text("hint", WHAT))
    name = st.text_input("Name", placeholder=usual, max_chars=64, key="snapshot-name")
    comment = st.text_input("What it is for", max_chars=500, key="snapshot-comment")
    formats = st.multiselect(
        "Written beside labels and votes",
        [one for one in export_choice.names() if one not in export_choice.FIRST],
        key="with",
        bind="query-params",
        placeholder="training formats",
    )
    rules, splits, passport = export_choice.how(here, formats)
    requests = [Request(one, rules=rules, passport=passport).to_json() for one in formats]
    if not st.button("Make a snapshot", type="primary", help="It goes on if you close the page."):
        return
    enqueue(
        store,
        project,
        "snapshot",
        {
            "name": name.strip() or None,
            "comment": comment.strip() or None,
            "requests": requests,
            "splits": Request("labels", splits=splits).to_json()["splits"],
        },
        actor=actor,
        now=services.now(),
        new_id=services.new_id,
    )
    st.rerun()


# ---- those that there are


def _row(services: Services, here: Here, one: Snapshot) -> None:
    row = one.row
    with st.container(key=f"row-snapshot-{row.number}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            look.show(_told(one))
            checked = one.here and st.button("Check", key=f"check-{row.number}", type="tertiary")
            if one.here and row.bytes <= MOST_BYTES:
                _take(one)
        if checked:
            with look.told():
                _check(services, here, one)


def _told(one: Snapshot) -> str:
    row = one.row
    size = (
        f"{row.labels:,} labels of {row.items:,} items · {row.files:,} files, {_bytes(row.bytes)}"
    )
    beside = [
        f"{look.moment(row.created_at)} by {row.person}",
        f"the same as {one.same_as}" if one.same_as else "",
        f"in {one.folder}" if row.bytes > MOST_BYTES else "",
        "" if one.here else f"its files are not in {one.folder}",
        f"SHA-256 {row.sha256[:SHORT]}…",
    ]
    about = f" {escape(row.comment)}" if row.comment else ""
    return (
        f'<div class="snapshot"><p><b>{escape(row.name)}</b>{about}<small>{escape(size)}</small>'
        f"<small>{escape(' · '.join(filter(None, beside)))}</small></p></div>"
    )


def _bytes(count: int) -> str:
    """
    >>> _bytes(900), _bytes(1_250_000)
    ('900 bytes', '1.2 MB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _take(one: Snapshot) -> None:
    def content() -> bytes:
        out = io.BytesIO()
        zip_into(out, one.folder)
        return out.getvalue()

    name = f"{one.row.project}.{one.row.name}.zip"
    st.download_button(
        "Download", content, name, key=f"take-{one.row.number}", on_click="ignore", type="tertiary"
    )


def _check(services: Services, here: Here, one: Snapshot) -> None:
    found = verify(
        here.store, here.project, one.row.name,
        actor=here.actor, folder=folder_of(services.workspace),
    )  # fmt: skip
    if found.whole:
        st.success(f"All {found.files:,} files and the manifest are as they were written.")
        return
    lines = "\n".join(found.problems)
    st.error(look.message(f"{one.row.name} is not as it was written:\n{lines}"))


# ---- what changed


def _compare(services: Services, here: Here, names: Sequence[str]) -> None:
    """names: of the snapshots, newest first."""
    st.subheader("What changed", anchor=False)
    left, right = st.columns(2)
    old = left.selectbox("Since", names, key="old", bind="query-params")
    later = [NOW, *(name for name in names if name != old)]
    new = right.selectbox("Until", later, key="new", bind="query-params")
    if not st.button("Compare"):
        return
    with look.told(), st.spinner("Comparing…"):
        found = diff(
            here.store, here.project, str(old), None if new == NOW else str(new),
            actor=here.actor, now=services.now(), folder=folder_of(services.workspace),
        )  # fmt: skip
        _difference(here, found, str(old), str(new))


def _difference(here: Here, found: Difference, old: str, new: str) -> None:
    lines = "".join(f"<li>{escape(line)}</li>" for line in sentences(found, old, new))
    look.show(f'<ul class="told">{lines}</ul>')
    if not found.shown:
        return
    heads = ("item", "question", "before", "now", "why")
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "".join(_changed(here, one) for one in found.shown)
    look.show(
        f'<div class="scroll behind"><table class="plain"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
    more = sum(found.changed.values()) - len(found.shown)
    if more:
        look.show(look.text("hint", f"and {more:,} more: `coannotate snapshot diff` has the same"))
    tabular.taken(heads, [_cells(one) for one in found.shown], name=f"{old}-{new}")


def _changed(here: Here, one: Change) -> str:
    _, *cells = _cells(one)
    told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"<tr><td>{item_link(here, one.id, one.id)}</td>{told}</tr>"


def _cells(one: Change) -> tuple[str, str, str, str, str]:
    return one.id, one.question, _value(one.before), _value(one.after), one.why


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
