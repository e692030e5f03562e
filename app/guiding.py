"""Who is asked when a change is tried or a proposal wanted: pages and commands do it alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from annotate.errors import NothingToDo
from annotate.hashing import digest
from annotate.llm.prelabeller import Prelabeller, Preview
from annotate.llm.proposal import Writer, with_room
from annotate.llm.providers import PROVIDERS
from annotate.model import Item, Person
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.machine.trials import Trial
from annotate.workflow.guideline.held_out import MOST
from annotate.workflow.guideline.revising import Changes, plan
from annotate.workflow.guideline.trying_out import Candidate, Estimate, Progress, estimate, try_out
from annotate.workflow.prelabels.connecting import CHAT, chosen, known
from annotate.workflow.prelabels.planning import show_prompts
from annotate.workflow.projects.rehearsing import SHOWN_ITEMS
from annotate.workspace import read_text
from app.rehearsal import with_keys
from app.services import Services


@dataclass(frozen=True, slots=True)
class Bench:
    """A change of one question's project, and both who are asked: a shared ledger, new for each."""

    services: Services
    store: Store
    path: Path
    project: Project
    question: QuestionSettings
    candidate: Candidate
    actor: Person

    def estimate(self, most: int = MOST) -> Estimate:
        """What a trial takes. Raises as `try_out`."""
        before, after = self._arms()
        return estimate(
            self.store,
            self.project,
            self.candidate,
            self.question,
            before,
            after,
            actor=self.actor,
            most=most,
        )

    def try_out(
        self,
        most: int = MOST,
        on_progress: Progress | None = None,
        *,
        trial_id: str | None = None,
    ) -> Trial:
        """The trial, stored; under `trial_id` where one is given. Raises as `try_out`."""
        before, after = self._arms()
        return try_out(
            self.store,
            self.project,
            self.candidate,
            self.question,
            before,
            after,
            base=digest(read_text(self.path)),
            actor=self.actor,
            clock=self.services.now,
            new_id=self.services.new_id if trial_id is None else lambda: trial_id,
            most=most,
            on_progress=on_progress,
        )

    def _arms(self) -> tuple[Prelabeller, Prelabeller]:
        ledger = self.services.ledger(self.project)
        changed = self.candidate.project
        return (
            self.services.prelabeller(self.store, self.project, self.question, ledger=ledger),
            self.services.prelabeller(
                self.store, changed, changed.question(self.question.name), ledger=ledger
            ),
        )


def candidate(
    store: Store, path: Path, project: Project, changes: Changes, *, actor: Person
) -> Candidate:
    """The project as it would be with these changes. Raises as `plan` does."""
    found = plan(store, path, project, changes, actor=actor)
    listed = [[list(at), str(value)] for at, value in changes.items()]
    return Candidate(found.project, found.told, listed)


def first_prompts(
    services: Services, store: Store, project: Project, question: str, *, actor: Person
) -> list[tuple[Item, list[Preview]]]:
    """Exactly what would be sent about the first items, by a project as it is or would be.

    Raises NotAllowed, and NotFound where there are no items.
    """
    asked = project.question(question)
    says = with_keys(services, project).prelabeller(store, project, asked)
    return [
        (item, show_prompts(store, project, asked, says, item.id, actor=actor))
        for item in store.items.page(project.project, limit=SHOWN_ITEMS)
    ]


def writer(services: Services, store: Store, project: Project) -> Writer:
    """The first chat model of the project, within its caps.

    Raises NothingToDo where none of its models writes sentences, and ProviderError.
    """
    for _, alone in services.models(project):
        seen = known(store, alone.llm) if alone.llm.provider != "local" else None
        if alone.llm.provider == "local":
            continue
        llm = with_room(chosen(alone.llm, seen))
        if llm.provider in CHAT:
            holds = seen is not None and seen.json_schema.verdict == "yes"
            provider = PROVIDERS[llm.provider](llm, services.key(llm))
            structured = holds and llm.structured == "auto"
            return Writer(provider, llm, services.ledger(project), structured)
    named = ", ".join(sorted({llm.provider for _, llm in project.llm.models()}))
    raise NothingToDo(
        f"a proposal needs a language model that writes sentences, and `llm.provider` is {named}: "
        "set it to openai (any compatible server) or gguf (a model file), and name the model"
    )
