"""Every verb asks for a right before it does anything: an annotator may label and nothing else."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

from annotate import workflow
from annotate.errors import NotAllowed
from annotate.model import Person
from annotate.people import RIGHTS, require

ANN = Person("ann", "Ann", "annotator", "2026-03-01T09:00:00.000000Z")
ROOMS = ("annotate.people", "annotate.accounts", "annotate.invites", "annotate.sessions")
LABELLING = {"syncing", "own_history", "overlap", "feedback"}
"""The files of `workflow` in which annotators work."""

STEPS = {
    "freeze_and_draw",
    "settling.settle",
    "settling.withdraw",
    "facts.facts_of",
    "lots.end_in",
    "lots.read",
    "lots.source_of",
    "lots.splittings",
}
"""Parts of verbs that have asked already; the app knows none of them."""

LATER = {"jobs.cancel"}
"""What right is asked for depends on a row: see the tests of jobs."""


def verbs() -> dict[str, Callable[..., Any]]:
    """file.name -> every public function that is told who acts."""
    found_in = pkgutil.walk_packages(workflow.__path__, f"{workflow.__name__}.")
    files = [each.name for each in found_in if not each.ispkg]
    found = {}
    for name in (*files, *ROOMS):
        for title, function in vars(importlib.import_module(name)).items():
            own = inspect.isfunction(function) and function.__module__ == name
            if (
                own
                and not title.startswith("_")
                and "actor" in inspect.signature(function).parameters
            ):
                short = f"{name.split('.')[-1]}.{title}"
                assert short not in found, f"two verbs are called {short}"
                found[short] = function
    del found["people.require"]
    return found


VERBS = verbs()
IS_STEP = {name for name in VERBS if name in STEPS or name.split(".")[1] in STEPS}
IS_LABELLING = {name for name in VERBS if name.split(".")[0] in LABELLING}
OTHERS = sorted(set(VERBS) - IS_STEP - IS_LABELLING - LATER)


def call(function: Callable[..., Any]) -> object:
    """Call it as Ann, with nothing else that it could work with."""
    given: dict[str, object] = {
        one.name: None
        for one in inspect.signature(function).parameters.values()
        if one.default is inspect.Parameter.empty
    }
    return function(**given | {"actor": ANN} | ({"kind": "prelabel"} if "kind" in given else {}))


def test_the_verbs_are_found() -> None:
    assert {
        "exporting.export",
        "preview.preview",
        "review.status",
        "review.item_history",
    } <= set(OTHERS)
    assert {"invites.invite", "accounts.set_role", "jobs.watch", "routing.route"} <= set(OTHERS)
    assert {"teaming.team", "person_detail.person_detail", "leading.reassign"} <= set(OTHERS)
    assert {"snapshotting.create", "splitting.splitting", "carding.card"} <= set(OTHERS)
    assert {"syncing.sync", "feedback.own_feedback"} <= IS_LABELLING
    assert len(IS_STEP) == 8


@pytest.mark.parametrize("name", OTHERS)
def test_an_annotator_is_refused_before_anything_is_read(name: str) -> None:
    with pytest.raises(NotAllowed, match="Ann is annotator and may not"):
        call(VERBS[name])


@pytest.mark.parametrize("name", sorted(IS_LABELLING))
def test_labelling_verbs_ask_for_the_right_to_label(name: str) -> None:
    assert 'require(actor, "label")' in inspect.getsource(VERBS[name])


def test_annotators_may_label_alone() -> None:
    assert RIGHTS["annotator"] == {"label"}
    require(ANN, "label")
