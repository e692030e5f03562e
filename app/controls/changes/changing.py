"""A form over values of the project file: what is changed in it, and kept when the page is left."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.project.editing import REMOVE
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
        self._name = f"guideline-kept-{self.key}"

    def at(self, path: KeyPath) -> str:
        """The key of the field at `path`, which is put back as it was left where it is drawn
        anew."""
        key = self._key(path)
        kept = self.kept(path)
        if kept is not None and kept is not REMOVE and key not in st.session_state:
            st.session_state[key] = _shown(kept)
        return key

    def kept(self, path: KeyPath) -> object:
        """What `path` was changed to when the form was last drawn; None where it was not."""
        return self._all().get(path)

    def kept_under(self, above: KeyPath) -> list[KeyPath]:
        """Every path below `above` that was changed."""
        return [path for path in self._all() if path[: len(above)] == above]

    def set(self, path: KeyPath, value: object, *, changed: bool) -> None:
        """What shall stand at `path`, where that is not what stands there."""
        if changed:
            self.changes[path] = value

    def put(self, path: KeyPath, value: object) -> None:
        """Begin a field with this; for a button's `on_click`."""
        st.session_state.pop(self._key(path), None)
        st.session_state[self._name] = {**self._all(), path: value}

    def keep(self) -> None:
        """Remember what is changed now."""
        st.session_state[self._name] = dict(self.changes)

    def take_up(self, changes: Changes) -> None:
        """Put these changes in the place of what is changed; for a button's `on_click`."""
        for key in [key for key in st.session_state if str(key).endswith(f"-{self.key}")]:
            del st.session_state[key]
        st.session_state[self._name] = dict(changes)

    def forget(self) -> None:
        st.session_state.pop(self._name, None)

    def _key(self, path: KeyPath) -> str:
        return f"{dotted(path)}-{self.key}"

    def _all(self) -> dict[Any, object]:
        found: dict[Any, object] = st.session_state.get(self._name, {})
        return found


def _shown(value: object) -> object:
    """A value as its field holds it."""
    return value.rstrip() if isinstance(value, str) else value
