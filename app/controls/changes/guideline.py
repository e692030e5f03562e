"""The guideline as people read it, and what a page about it works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st

from annotate.markdown import TAGS, Node, markdown
from annotate.model import Person
from annotate.project import Project
from annotate.questions import QUESTION_TYPES
from annotate.store import Store
from annotate.store.versions import Version
from app import look
from app.services import Services
from app.state import Here

SAID = "guideline-said"
"""What is told after the page has been drawn anew."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One run of the page."""

    services: Services
    here: Here
    path: Path

    @property
    def store(self) -> Store:
        return self.here.store

    @property
    def project(self) -> Project:
        return self.here.project

    @property
    def actor(self) -> Person:
        return self.here.actor

    def current(self) -> Version:
        """The version in force: opening the page has recorded it."""
        found = self.store.versions.last(self.project.project)
        assert found is not None
        return found


def done(said: str) -> None:
    """Draw the page anew and say this on it."""
    st.session_state[SAID] = said
    st.rerun()


def told_last() -> None:
    said = st.session_state.pop(SAID, None)
    if said is not None:
        st.success(look.message(str(said)))


def rendered(text: str) -> None:
    """The guideline, drawn of the same tree that people who label see."""
    if not text.strip():
        look.show(look.text("hint", "There is no guideline yet: write one under Edit."))
        return
    look.show(f'<div class="guideline">{html_of(markdown(text))}</div>')


def html_of(nodes: Sequence[Node]) -> str:
    """HTML of a tree of known tags; every text in it is escaped.

    >>> html_of(markdown("**Spam** is <b>unasked</b> for."))
    '<p><strong>Spam</strong> is &lt;b&gt;unasked&lt;/b&gt; for.</p>'
    """
    return "".join(map(_html, nodes))


def _html(node: Node) -> str:
    if isinstance(node, str):
        return escape(node)
    tag, inner = node["tag"], html_of(node.get("children", ()))
    if tag not in TAGS:
        return inner
    link = node.get("attrs", {}).get("href")
    attrs = f' href="{escape(str(link))}" target="_blank" rel="noopener"' if link else ""
    return f"<{tag}{attrs}>" if tag in ("br", "hr") else f"<{tag}{attrs}>{inner}</{tag}>"


def read(desk: Desk) -> None:
    """The guideline in force, and what each answer means."""
    version = desk.current()
    look.show(look.text("hint", in_words(version)))
    with st.container(width=760):
        rendered(desk.project.guideline)
    for question in desk.project.questions:
        st.subheader(look.plain(question.text), anchor=False)
        control = QUESTION_TYPES[question.type].control(question)
        rows = [(one.title, one.description or "") for one in control.options]
        if rows:
            with st.container(width=760):
                look.show(look.table((question.name, "what it covers"), rows))


def in_words(version: Version) -> str:
    """Which version it is, since when, by whom and why."""
    who = f"by {version.person}" if version.person else "found on disk"
    why = f": {version.reason}" if version.reason else ""
    return f"Version {version.number}, {look.moment(version.created_at)}, {who}{why}"


def changed(version: Version) -> str:
    """What a version changed.

    >>> from dataclasses import replace
    >>> first = Version("p", 1, "h", "first", None, None, None, "2026-01-01")
    >>> changed(first), changed(replace(first, kind="edited", told=("guideline changed",)))
    ('as it was first found', 'guideline changed')
    """
    if version.kind == "first":
        return "as it was first found"
    told = "; ".join(version.told or ()) or "comments or layout changed"
    beside = {"restored": "an earlier version restored: ", "by hand": "on disk: "}
    return beside.get(version.kind, "") + told
