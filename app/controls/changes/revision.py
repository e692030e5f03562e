"""Edit the guideline, the labels' descriptions and the prompts: look, try, then save."""

from __future__ import annotations

import streamlit as st

from annotate.errors import InvalidProject
from annotate.project import Project, parse_project
from annotate.project.tree import KeyPath
from annotate.questions import QuestionSettings
from annotate.workflow.guideline.following import follows
from annotate.workflow.guideline.revising import plan, revise
from app import look
from app.controls.changes import own_prompts, sent, trial, trial_jobs
from app.controls.changes.changing import Form
from app.controls.changes.guideline import Desk, changed, done, rendered
from app.controls.creating.looking import mistakes


def draw(desk: Desk) -> None:
    """The whole form; what is not changed in it is not written. It stays as it was left, for as
    long as the browser is open."""
    base = _base(desk)
    began = _began(desk, base)
    form = Form(desk.project.project, base)
    _guideline(began, form)
    for at, question in enumerate(began.questions):
        _labels(at, question, form)
    own_prompts.draw(began, form)
    form.keep()
    if form.changes:
        with look.told():
            _look(desk, form, base)
    else:
        look.show(look.text("hint", "Nothing is changed yet."))
    trial_jobs.listed(desk.services, desk.here, form.take_up)


def _look(desk: Desk, form: Form, base: str) -> None:
    """What the changes would come to, whether they are better, and the way to make them."""
    changes = form.changes
    try:
        found = plan(desk.store, desk.path, desk.project, changes, actor=desk.actor)
    except InvalidProject as error:
        mistakes(error)
        return
    told = follows(desk.store, desk.project, found.project, actor=desk.actor)
    st.subheader("What would change", anchor=False)
    for line in (*found.told, *told):
        look.show(look.text("line", line))
    with st.expander("Line by line", expanded=True):
        st.code(found.difference, language="diff", wrap_lines=True)
    sent.panel(desk, found.project)
    trial.panel(desk, changes)
    _save(desk, form, base)


def _save(desk: Desk, form: Form, base: str) -> None:
    st.subheader("Save", anchor=False)
    with look.told(), st.form(f"save-{form.key}", width=760, border=False):
        reason = st.text_input("Why", max_chars=500, placeholder="It is kept with the version")
        if st.form_submit_button("Save as a new version", type="primary"):
            revise(
                desk.store,
                desk.path,
                desk.project,
                form.changes,
                reason=reason,
                actor=desk.actor,
                now=desk.services.now(),
                base=base,
            )
            form.forget()
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


def _guideline(began: Project, form: Form) -> None:
    old = began.guideline.rstrip()
    left, right = st.columns(2, gap="large")
    with left:
        text = st.text_area(
            "Guideline, in Markdown", old, height=560, key=form.at(("guideline",))
        ).rstrip()
    with right:
        look.show(look.text("hint", "As people will read it"))
        rendered(text)
    form.set(("guideline",), f"{text}\n", changed=text != old)


def _labels(at: int, question: QuestionSettings, form: Form) -> None:
    labels = getattr(question, "labels", ())
    with st.expander(f"What {look.plain(question.name)} asks"):
        path: KeyPath = ("questions", at, "text")
        text = st.text_input("The question", question.text, key=form.at(path))
        form.set(path, text, changed=text != question.text)
        for number, label in enumerate(labels):
            path = ("questions", at, "labels", number, "description")
            said = st.text_input(look.plain(label.name), label.description, key=form.at(path))
            form.set(path, said, changed=said != label.description)
