"""Records that pages look at, kept in this process: read again when something has changed.

Small ones at once; large ones beside the page, which shows what there was meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from annotate.errors import AnnotateError
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.routes.ground import Ground, stand, version_of
from annotate.workflow.routes.outlook import LABELS, USD, of_other_amounts, priced, reckon
from annotate.workflow.routes.outlook_parts import Outlook
from app.services import Services
from app.state import Here

AT_ONCE = 50_000
"""Items and answers up to which a page waits for what it shows."""
AT_ONCE_S = 0.5
MOST = 16
"""Questions whose records are kept, each about 30 bytes an item."""

Key = tuple[str, str, str]
Version = tuple[object, ...]


@dataclass(slots=True)
class Record:
    """A question's record as it was at one version. seconds: of an answer, as measured; None where
    nobody was timed. fresh: nothing has changed since."""

    ground: Ground
    seconds: float | None
    version: Version
    read_at: str
    took_s: float
    fresh: bool = True
    _outlooks: dict[tuple[object, float, float], Outlook] = field(default_factory=dict)

    def outlook(self, project: Project, *, labels: float, usd: float) -> Outlook:
        """As the verb of this name, reckoned once for the same question asked again. Whoever has a
        record has asked `Records` for it, which knows who may."""
        prices = priced(project, self.seconds)
        settings = (prices, project.routing.policy, project.people.per_item)
        key = (settings, labels, usd)
        if key not in self._outlooks:
            known = [found for (of, *_), found in self._outlooks.items() if of == settings]
            if len(self._outlooks) >= MOST:
                self._outlooks.clear()
            amounts = {"labels": labels, "usd": usd}
            self._outlooks[key] = (
                of_other_amounts(project, self.ground, known[0], **amounts)
                if known
                else reckon(project, self.ground, prices, **amounts)
            )
        return self._outlooks[key]


class Records:
    """The newest record of each question that somebody looked at. clock: seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[Key, Record] = {}
        self._reading: dict[Key, threading.Thread] = {}
        self._failed: dict[Key, AnnotateError] = {}

    def get(self, services: Services, here: Here, question: QuestionSettings) -> Record | None:
        """The record; an older one, or None, while a large one is read beside.

        Raises NotAllowed, and NothingToDo before any routing.
        """
        store, project, actor = here
        require(actor, "review")
        key = (str(services.config.folder), project.project, question.name)
        version = version_of(store, project, question)
        with self._lock:
            kept = self._kept.get(key)
            failed = self._failed.pop(key, None)
            if kept is not None:
                kept.fresh = kept.version == version
        if failed is not None:
            raise failed
        if kept is not None and kept.fresh:
            return kept
        if _small(store, project, question, kept):
            return self._read(services, store, project, question, key, version)
        self._read_beside(services, project, question, key, version)
        return kept

    def wait(self) -> None:
        """Until nothing is being read."""
        for thread in list(self._reading.values()):
            thread.join()

    def _read(
        self,
        services: Services,
        store: Store,
        project: Project,
        question: QuestionSettings,
        key: Key,
        version: Version,
    ) -> Record:
        began_s = self._clock()
        ground = stand(store, project, question)
        seconds = store.progress.seconds_per_answer(project.project, question.name)
        at = services.now().isoformat()
        record = Record(ground, seconds, version, at, self._clock() - began_s)
        record.outlook(project, labels=LABELS, usd=USD)  # what is looked at first
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = record
            while len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]
        return record

    def _read_beside(
        self,
        services: Services,
        project: Project,
        question: QuestionSettings,
        key: Key,
        version: Version,
    ) -> None:
        def read() -> None:
            try:
                with services.workspace.open() as store:  # a connection belongs to its thread
                    self._read(services, store, project, question, key, version)
            except AnnotateError as error:
                with self._lock:
                    self._failed[key] = error
            finally:
                with self._lock:
                    self._reading.pop(key, None)

        with self._lock:
            if key not in self._reading:
                self._reading[key] = threading.Thread(target=read, daemon=True)
                self._reading[key].start()


def _small(store: Store, project: Project, question: QuestionSettings, kept: Record | None) -> bool:
    if kept is not None:
        return kept.took_s < AT_ONCE_S
    name = project.project
    room = AT_ONCE - store.items.next_position(name)
    return room >= 0 and not store.annotations.more_than(name, question.name, room)


RECORDS = Records()
"""Those of this process."""
