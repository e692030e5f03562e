"""Everything that ever happened to one item."""

from __future__ import annotations

import streamlit as st

from annotate.people import require
from annotate.workflow.review import item_history
from app import look, state
from app.controls import history
from app.services import Services


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "review")
        st.title("Item")
        reference = st.text_input(
            "Id of the item, ours or your own", key="item", bind="query-params", width=420
        )
        if not reference:
            look.show(look.text("hint", "Enter an id, or choose an item under Progress."))
            return
        found = item_history(here.store, here.project, reference.strip(), actor=here.actor)
        history.fields(found.item, here.project)
        history.gold(found.gold)
        history.decisions(found.decisions)
        history.answers(found.annotations)
        history.prelabels(found.prelabels)


if __name__ == "__main__":
    page(state.running())
