"""The one place where database, model, clock and ids are chosen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from annotate.errors import ProviderError, WeightsError
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.client import Server
from annotate.llm.decision_calls import Contract
from annotate.llm.decisions import DecisionPrelabeller
from annotate.llm.local.encoder import Encoder, MiniLM
from annotate.llm.local.prelabeller import LocalPrelabeller
from annotate.llm.local.tfidf import choose_encoder
from annotate.llm.local.weights import Missing, find_weights
from annotate.llm.prelabeller import Prelabeller
from annotate.llm.providers import PROVIDERS
from annotate.project import Project
from annotate.project.settings import LLMSettings
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.features import ItemFeatures
from annotate.workspace import Workspace, record_version
from app.config import Config, from_environment

CONTRACTS: Mapping[str, Contract] = {"decisions": "decisions", "systemone": "systemone"}


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
        llm, key = self.llm(project), self.key(project)
        contract = CONTRACTS.get(llm.provider)
        if contract is not None:
            return DecisionPrelabeller(project, question, Server(llm, key), contract)
        return ChatPrelabeller(project, question, PROVIDERS[llm.provider](llm, key))

    def features(self, project: Project) -> ItemFeatures:
        """What the router may know of the items' texts: words, and embeddings where wanted.

        Raises WeightsError where they are wanted and the weights are missing.
        """
        if not project.routing.embeddings:
            return ItemFeatures()
        weights = Path(project.llm.weights) if project.llm.weights else None
        encoder, missing = _minilm(weights, self.config.hub_cache)
        if encoder is None:
            raise WeightsError(
                f"`routing.embeddings` needs the all-MiniLM-L6-v2 weights, and {missing}. "
                "Install them, or leave `routing.embeddings` out"
            )
        return ItemFeatures(encoder)

    def llm(self, project: Project) -> LLMSettings:
        """A model file is named as seen from the workspace."""
        llm = project.llm
        if llm.provider != "gguf" or llm.model is None:
            return llm
        path = self.config.folder / Path(llm.model).expanduser()
        return llm.model_copy(update={"model": str(path)})

    def key(self, project: Project) -> str | None:
        """A server of one's own may need no key, and never gets one that was meant for OpenAI."""
        llm = project.llm
        if llm.provider == "gguf":
            return None
        if llm.base_url is not None and "api_key_env" not in llm.model_fields_set:
            return None
        key = self.config.key(llm.api_key_env)
        if key is None and llm.base_url is None:
            raise ProviderError(
                f"no key: put it in the environment variable {llm.api_key_env}, "
                "or set `llm.base_url` to a server that needs none",
                fatal=True,
            )
        return key


def services_for(folder: Path | None) -> Services:
    """For the workspace in `folder`; None: where the environment says, else the current folder."""
    return Services(from_environment(folder))


@cache
def _minilm(weights: Path | None, hub_cache: Path) -> tuple[Encoder | None, str]:
    """The sentence encoder, or None and where its weights were looked for."""
    found = find_weights(weights, hub_cache=hub_cache)
    return (None, str(found)) if isinstance(found, Missing) else (MiniLM.load(found), "")
