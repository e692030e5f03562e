"""The one place where database, model, clock and ids are chosen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from annotate.errors import ProviderError
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.local.encoder import Encoder, MiniLM
from annotate.llm.local.prelabeller import LocalPrelabeller
from annotate.llm.local.tfidf import choose_encoder
from annotate.llm.local.weights import Missing, find_weights
from annotate.llm.prelabeller import Prelabeller
from annotate.llm.providers import PROVIDERS
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workspace import Workspace, record_version
from app.config import Config


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Services:
    """What pages and commands work with; tests put their own clock and ids in."""

    config: Config
    now: Callable[[], datetime] = _now
    new_id: Callable[[], str] = _new_id

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.config.folder)

    @contextmanager
    def open(self, name: str | None = None) -> Iterator[tuple[Store, Project]]:
        """The database and one project of the workspace (the only one when unnamed)."""
        path, project = self.workspace.project(name)
        with self.workspace.open() as store:
            record_version(store, path, project, now=self.now())
            yield store, project

    def alone(self, project: Project) -> AbstractContextManager[None]:
        """Hold a project's pre-labelling: two runs at once would pay twice. Raises Busy."""
        return self.workspace.alone(f"prelabel-{project.project}")

    def prelabeller(self, project: Project, question: QuestionSettings) -> Prelabeller:
        """Who answers for the machine. Raises ProviderError without a key, WeightsError."""
        if project.llm.provider == "local":
            weights = Path(project.llm.weights) if project.llm.weights else None
            minilm, missing = _minilm(weights, self.config.hub_cache)
            read = [project.title, project.guideline, question.text]
            encoder = choose_encoder(read, minilm)
            return LocalPrelabeller(project, question, encoder, missing=missing)
        provider = PROVIDERS[project.llm.provider](project.llm, self._key(project))
        return ChatPrelabeller(project, question, provider)

    def _key(self, project: Project) -> str | None:
        """A server of one's own may need no key; OpenAI's always does."""
        key = self.config.key(project.llm.api_key_env)
        if key is None and project.llm.base_url is None:
            raise ProviderError(
                f"no key: put it in the environment variable {project.llm.api_key_env}, "
                "or set `llm.base_url` to a server that needs none",
                fatal=True,
            )
        return key


@cache
def _minilm(weights: Path | None, hub_cache: Path) -> tuple[Encoder | None, str]:
    """The sentence encoder, or None and where its weights were looked for."""
    found = find_weights(weights, hub_cache=hub_cache)
    return (None, str(found)) if isinstance(found, Missing) else (MiniLM.load(found), "")
