"""Routing that keeps up with people: after answers, the waiting items are put in order anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from annotate.errors import AnnotateError
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.consensus.consenting import refresh
from annotate.workflow.consensus.view import basis_of
from annotate.workflow.disagreement.slice_keeping import keep_all
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.routing import RouteReport, route
from app.services import Services

SHARE_OF_TIME = 10
"""After a routing, this many times what it took is waited before the next."""


@dataclass(slots=True)
class _Known:
    """What was there when a question was last routed."""

    features: ItemFeatures
    changes: int = -1
    not_before_s: float = 0.0


@dataclass(slots=True)
class LiveRouter:
    """Routes a question again when people have answered since.

    clock: seconds, monotonic. every_s: least seconds between two routings of a question.
    """

    services: Services
    every_s: float = 5.0
    clock: Callable[[], float] = time.monotonic
    _known: dict[tuple[str, str], _Known] = field(default_factory=dict)

    def step(
        self, store: Store, project: Project, *, first: bool = False
    ) -> Iterator[tuple[QuestionSettings, RouteReport]]:
        """The questions that were due, routed. first: also those not looked at before.

        Nothing happens where nothing is pre-labelled yet.
        """
        for question in project.questions:
            known = self._of(project, question)
            changes = store.progress.changes(project.project, question.name)
            if known.changes < 0 and not first:
                known.changes = changes
            began_s = self.clock()
            if changes == known.changes or began_s < known.not_before_s:
                continue
            known.changes = changes
            if store.prelabels.count_items(project.project, question.name):
                yield question, self._route(store, project, question, known.features)
            took_s = self.clock() - began_s
            known.not_before_s = self.clock() + max(self.every_s, SHARE_OF_TIME * took_s)

    def _route(
        self, store: Store, project: Project, question: QuestionSettings, features: ItemFeatures
    ) -> RouteReport:
        return route(
            store,
            project,
            question,
            actor=operator(self.services.now()),
            now=self.services.now(),
            new_id=self.services.new_id,
            features=features,
        )

    def _of(self, project: Project, question: QuestionSettings) -> _Known:
        key = project.project, question.name
        if key not in self._known:
            self._known[key] = _Known(self.services.features(project))
        return self._known[key]


@dataclass(slots=True)
class LiveConsensus:
    """Weighs a question's answers again when something was said since.

    clock: seconds, monotonic. every_s: least seconds between two such runs of a question.
    """

    services: Services
    every_s: float = 5.0
    clock: Callable[[], float] = time.monotonic
    _not_before_s: dict[tuple[str, str], float] = field(default_factory=dict)

    def step(self, store: Store, project: Project) -> list[str]:
        """The names of the questions that were due. Nothing happens before anything is said."""
        name, done = project.project, []
        version = store.projects.data_version(name)
        if version == store.items.next_position(name):
            return []
        for question in project.questions:
            began_s = self.clock()
            last = store.consensus.run_of(name, question.name)
            state = version, basis_of(project, question)
            current = last is not None and (last.data_version, last.basis) == state
            now = self.services.now()
            if current:
                keep_all(store, project, question, now=now)  # nothing, where that is so already
                continue
            if began_s < self._not_before_s.get((name, question.name), began_s):
                continue
            refresh(store, project, question, actor=operator(now), now=now)
            keep_all(store, project, question, now=now)
            took_s = self.clock() - began_s
            wait_s = max(self.every_s, SHARE_OF_TIME * took_s)
            self._not_before_s[name, question.name] = self.clock() + wait_s
            done.append(question.name)
        return done


def keep_current(router: LiveRouter, consensus: LiveConsensus | None = None) -> None:
    """One look at every project of the workspace: routed where it wants to be routed live, and
    what is stood by made up anew."""
    workspace = router.services.workspace
    found, _ = workspace.usable()  # `coannotate check` tells what is wrong with others
    for _, project in found.values():
        with workspace.open() as store:
            try:
                if project.routing.live and project.routing.signal == "learned":
                    list(router.step(store, project))
                if consensus is not None:
                    consensus.step(store, project)
            except AnnotateError:
                continue  # told to whoever does it by hand
