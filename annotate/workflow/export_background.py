"""What stands behind all rows of a question: what measures, what was refused, which texts held."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass

from annotate.questions import QuestionSettings
from annotate.store import Store


@dataclass(frozen=True, slots=True)
class Versions:
    """The texts of a project file, in the order in which they came into force. times: UTC ISO
    text; hashes: one more, the first of what held before the first time."""

    times: Sequence[str]
    hashes: Sequence[str]

    def at(self, moment: str) -> str | None:
        """The hash of the text that was in force then; None where nobody recorded one.

        >>> Versions(["2026-02"], ["old", "new"]).at("2026-01")
        'old'
        """
        return self.hashes[bisect_right(self.times, moment)] or None


@dataclass(frozen=True, slots=True)
class Background:
    """Of one question. model: who has answered, where it was one model all along, else "".
    refused, audited: item ids."""

    model: str
    refused: Set[str]
    audited: Set[str]
    versions: Versions


def background_of(store: Store, project: str, question: QuestionSettings) -> Background:
    models = store.prelabels.models(project, question.name)
    return Background(
        model=models.pop() if len(models) == 1 else "",
        refused=store.prelabels.refused(project, question.name),
        audited=store.promises.audited_items(project, question.name),
        versions=versions_of(store, project),
    )


def versions_of(store: Store, project: str) -> Versions:
    """What was in force before the first recorded change is the text that one found."""
    changes = store.versions.all(project)[::-1]
    if not changes:
        return Versions((), (store.projects.newest(project),))
    return Versions(
        [one.created_at for one in changes], [changes[0].hash, *(one.hash for one in changes)]
    )
