"""Edit the guideline, the labels' descriptions and the prompt variants: look, try, then save."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.llm.variants import PRESETS, WAYS
from annotate.project import Project, parse_project
from annotate.questions import QuestionSettings
from annotate.workflow.guideline.following import follows
from annotate.workflow.guideline.revising import Changes, plan, revise
from app import look
from app.controls import trial
from app.controls.guideline import Desk, changed, done, rendered

Given = dict[Any, object]


def draw(desk: Desk) -> None:
    """The whole form; what is not changed in it is not written."""
    base = _base(desk)
    began = _began(desk, base)
    key = f"{desk.project.project}-{base[:12]}"
    changes: Given = {}
    _guideline(began, changes, key)
    for at, question in enumerate(began.questions):
        _labels(at, question, changes, key)
    _variants(began, changes, key)
    if not changes:
        look.show(look.text("hint", "Nothing is changed yet."))
        return
    found = plan(desk.store, desk.path, desk.project, changes, actor=desk.actor)
    told = follows(desk.store, desk.project, found.project, actor=desk.actor)
    st.subheader("What would change", anchor=False)
    for line in (*found.told, *told):
        look.show(look.text("line", line))
    with st.expander("Line by line", expanded=True):
        st.code(found.difference, language="diff", wrap_lines=True)
    trial.panel(desk, changes)
    _save(desk, changes, base, key)


def _save(desk: Desk, changes: Changes, base: str, key: str) -> None:
    st.subheader("Save", anchor=False)
    with look.told(), st.form(f"save-{key}", width=760, border=False):
        reason = st.text_input("Why", max_chars=500, placeholder="It is kept with the version")
        if st.form_submit_button("Save as a new version", type="primary"):
            revise(
                desk.store,
                desk.path,
                desk.project,
                changes,
                reason=reason,
                actor=desk.actor,
                now=desk.services.now(),
                base=base,
            )
            st.session_state.pop(_key(desk), None)
            done(f"Version {desk.current().number} is in force.")


def _key(desk: Desk) -> str:
    return f"guideline-base-{desk.project.project}"


def _base(desk: Desk) -> str:
    """Hash of the version that this form began from; somebody may have saved another since."""
    current = desk.current()
    base = str(st.session_state.setdefault(_key(desk), current.hash))
    if base != current.hash:
        who = current.person or "Somebody, on disk,"
        st.warning(
            look.message(
                f"{who} has saved version {current.number} since you began: {changed(current)}. "
                "What you leave as it was stays as it is there now; what both have changed cannot "
                "be saved from here."
            )
        )
        if st.button(f"Begin from version {current.number}; what is written here is dropped"):
            st.session_state.pop(_key(desk))
            st.rerun()
    return base


def _began(desk: Desk, base: str) -> Project:
    text = desk.store.versions.text(desk.project.project, base)
    return desk.project if text is None else parse_project(text)


def _guideline(began: Project, changes: Given, key: str) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        text = st.text_area(
            "Guideline, in Markdown", began.guideline.rstrip(), height=560, key=f"text-{key}"
        )
    with right:
        look.show(look.text("hint", "As people will read it"))
        rendered(text)
    if text.rstrip() != began.guideline.rstrip():
        changes[("guideline",)] = f"{text.rstrip()}\n"


def _labels(at: int, question: QuestionSettings, changes: Given, key: str) -> None:
    labels = getattr(question, "labels", ())
    with st.expander(f"What {look.plain(question.name)} asks"):
        text = st.text_input("The question", question.text, key=f"asks-{at}-{key}")
        if text != question.text:
            changes[("questions", at, "text")] = text
        for number, label in enumerate(labels):
            said = st.text_input(
                look.plain(label.name), label.description, key=f"label-{at}-{number}-{key}"
            )
            if said != label.description:
                changes[("questions", at, "labels", number, "description")] = said


def _variants(began: Project, changes: Given, key: str) -> None:
    """Which prompts are asked. Their texts are files that are never edited: what was asked with
    them names them."""
    llm = began.llm
    if llm.ensemble or llm.provider not in ("openai", "gguf", "auto"):
        return
    asked = PRESETS[llm.variants] if isinstance(llm.variants, str) else llm.variants
    with st.expander("Prompts the model is asked with"):
        chosen = st.multiselect("Asked", list(WAYS), list(asked), key=f"variants-{key}")
        names = list(dict.fromkeys([*WAYS, *llm.exclude]))
        left = st.multiselect(
            "Left out: asked no more, and their votes no longer count",
            names,
            list(llm.exclude),
            key=f"exclude-{key}",
        )
    if list(chosen) != list(asked):
        changes[("llm", "variants")] = list(chosen)
    if list(left) != list(llm.exclude):
        changes[("llm", "exclude")] = list(left)
