"""What would be sent about the first items, if a change were made."""

from __future__ import annotations

import streamlit as st

from annotate.llm.able import able
from annotate.project import Project
from app import look
from app.controls.changes.guideline import Desk
from app.guiding import first_prompts


def panel(desk: Desk, changed: Project) -> None:
    """The prompts of one variant about three items; nothing is sent."""
    questions = able(changed)
    if not questions or all(model.provider == "local" for _, model in changed.llm.models()):
        return
    with st.expander("What would be sent"), look.told():
        name = questions[0].name
        if len(questions) > 1:
            names = [one.name for one in questions]
            name = st.selectbox("Question", names, width=360, key="sent-question")
        found = first_prompts(desk.services, desk.store, changed, name, actor=desk.actor)
        variants = list(dict.fromkeys(call.variant for _, calls in found for call in calls))
        own = [at for at, one in enumerate(variants) if one in changed.llm.prompts]
        chosen = st.selectbox(
            "Prompt", variants, index=own[-1] if own else 0, width=360, key="sent-variant"
        )
        for item, calls in found:
            for call in (one for one in calls if one.variant == chosen):
                look.show(
                    look.text(
                        "field-name", f"{item.key.removeprefix('id:')} · {call.prompt.version}"
                    )
                )
                said = (f"[{one.role}]\n{one.content}" for one in call.prompt.messages)
                st.code("\n\n".join(said), language=None, wrap_lines=True)
