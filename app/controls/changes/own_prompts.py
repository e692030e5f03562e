"""Which prompts a model is asked with, and the texts of those that the project words itself."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from annotate.llm.own import LONGEST, PARTS, START
from annotate.llm.variants import WAYS, names_of
from annotate.project import Project
from annotate.project.editing import REMOVE
from annotate.project.settings import LLMSettings
from annotate.project.tree import KeyPath
from app import look
from app.controls.changes.changing import Form

CHAT = ("openai", "gguf", "auto")
PROMPTS: KeyPath = ("llm", "prompts")
ASKED, LEFT_OUT = ("llm", "variants"), ("llm", "exclude")


def draw(began: Project, form: Form) -> None:
    """The built-in texts are never edited, as what was asked with them names them."""
    llm = began.llm
    if not any(model.provider in CHAT for _, model in llm.models()):
        return
    with st.expander("Prompts the model is asked with"):
        names = _texts(llm, form)
        _another(llm, names, form)
        if not llm.ensemble:
            _which(llm, names, form)


def _texts(llm: LLMSettings, form: Form) -> list[str]:
    """A field for each of the project's own; gives the names of those that stay."""
    begun = [at[2] for at in form.kept_under(PROMPTS)]
    names = [str(name) for name in dict.fromkeys([*llm.prompts, *begun])]
    if names:
        told = "; ".join(f"{{{name}}}: {what}" for name, what in PARTS.items())
        look.show(look.text("hint", f"In braces stands what is put in. {told}."))
    return [name for name in names if _text(name, llm.prompts.get(name), form)]


def _text(name: str, old: str | None, form: Form) -> bool:
    """Whether it stays. old: as the file has it; None for a new one."""
    path: KeyPath = (*PROMPTS, name)
    text = st.text_area(
        look.plain(f"Your prompt {name}"),
        (old or "").rstrip(),
        key=form.at(path),
        height=220,
        max_chars=LONGEST,
    ).rstrip()
    out = st.checkbox(
        look.plain(f"Take {name} out"), form.kept(path) is REMOVE, key=f"out-{form.at(path)}"
    )
    if not out:
        form.set(path, f"{text}\n", changed=old is None or text != old.rstrip())
    elif old is not None:
        form.set(path, REMOVE, changed=True)
    return not out


def _another(llm: LLMSettings, names: Sequence[str], form: Form) -> None:
    """Begin a new one, with every place where most want it."""
    field = f"own-name-{form.key}"

    def begin() -> None:
        name = str(st.session_state[field]).strip()
        if not name or name in names:
            return
        form.put((*PROMPTS, name), START)
        asked = st.session_state.get(form.at(ASKED), names_of(llm.variants, llm.prompts))
        st.session_state[form.at(ASKED)] = [*asked, name]
        st.session_state[field] = ""

    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "A prompt of your own, called", key=field, width=320, placeholder="brief", max_chars=64
        )
        st.button("Write it", on_click=begin)
    if name.strip() in names:
        look.show(look.text("hint", f"{name.strip()} is there already: change it above."))


def _which(llm: LLMSettings, names: Sequence[str], form: Form) -> None:
    known = [*WAYS, *(name for name in names if name not in WAYS)]
    now = list(names_of(llm.variants, names))
    chosen = st.multiselect(
        "Asked", known, [name for name in now if name in known], key=form.at(ASKED)
    )
    left = st.multiselect(
        "Left out: asked no more, and their votes no longer count",
        list(dict.fromkeys([*known, *llm.exclude])),
        list(llm.exclude),
        key=form.at(LEFT_OUT),
    )
    form.set(ASKED, list(chosen), changed=list(chosen) != now)
    form.set(LEFT_OUT, list(left), changed=list(left) != list(llm.exclude))
