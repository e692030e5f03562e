"""A form over values of the project file: what is changed in it, and kept when the page is left."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.project.tree import KeyPath, dotted
from annotate.workflow.guideline.revising import Changes


class Form:
    """Fields by where their value stands in the file, begun from one version of it.

    What is changed lies in the session under a name that no field has: fields forget what they
    hold as soon as another page is drawn.
    """

    def __init__(self, project: str, base: str) -> None:
        self.key = f"{project}-{base[:12]}"
        self.changes: dict[Any, object] = {}
        self._kept = f"guideline-kept-{self.key}"

    def at(self, path: KeyPath) -> str:
        """The key of the field at `path`, which is put back as it was left where it is drawn
        anew."""
        key = f"{dotted(path)}-{self.key}"
        kept = st.session_state.get(self._kept, {})
        if path in kept and key not in st.session_state:
            st.session_state[key] = _shown(kept[path])
        return key

    def set(self, path: KeyPath, value: object, *, changed: bool) -> None:
        """What shall stand at `path`, where that is not what stands there."""
        if changed:
            self.changes[path] = value

    def keep(self) -> None:
        """Remember what is changed now."""
        st.session_state[self._kept] = dict(self.changes)

    def take_up(self, changes: Changes) -> None:
        """Put these changes in the place of what is changed; for a button's `on_click`."""
        for path in {*st.session_state.get(self._kept, {}), *changes}:
            st.session_state.pop(f"{dotted(path)}-{self.key}", None)
        st.session_state[self._kept] = dict(changes)

    def forget(self) -> None:
        st.session_state.pop(self._kept, None)


def _shown(value: object) -> object:
    """A value as its field holds it."""
    return value.rstrip() if isinstance(value, str) else value
