"""The one place where the model is chosen, and what it is asked through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Protocol, TypeVar

from annotate.errors import AnnotateError, ProviderError, WeightsError
from annotate.hashing import digest
from annotate.llm.able import able, require_able
from annotate.llm.batching.batches import BatchServer
from annotate.llm.batching.member import BatchMember
from annotate.llm.books.ledger import Ledger
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.deciders.calls import Contract
from annotate.llm.deciders.decisions import DecisionPrelabeller
from annotate.llm.ensemble import EnsemblePrelabeller, named
from annotate.llm.local.encoder import Encoder, MiniLM
from annotate.llm.local.prelabeller import LocalPrelabeller
from annotate.llm.local.tfidf import choose_encoder
from annotate.llm.local.weights import Missing, find_weights
from annotate.llm.prelabeller import Prelabeller
from annotate.llm.providers import PROVIDERS
from annotate.llm.servers.client import Server
from annotate.llm.servers.transport import OPENAI
from annotate.llm.structured import Abilities
from annotate.model import Person
from annotate.project import Project
from annotate.project.settings import LLMSettings
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.batches.batching import Batched
from annotate.workflow.prelabels.connecting import chosen, connect, keep, known, summary, untried
from annotate.workflow.prelabels.planning import models as members_of
from annotate.workflow.prelabels.prelabelling import excluded
from annotate.workflow.routes.features import ItemFeatures
from app.config import from_environment
from app.workplace import Workplace

CONTRACTS: Mapping[str, Contract] = {"decisions": "decisions", "systemone": "systemone"}


T = TypeVar("T")
Say = Callable[[str], None]


class Run(Protocol):
    """Does a piece of work, and gives its result."""

    def __call__(self, work: Callable[[], T], /) -> T: ...


def _at_once(work: Callable[[], T], /) -> T:
    return work()


@dataclass(frozen=True, slots=True)
class Services(Workplace):
    """A workplace with a model: who answers for the machine, and what its server can do."""

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

    def ledger(self, project: Project) -> Ledger:
        """New books for one run, with the project's caps. Its questions and models share them."""
        llm = project.llm
        return Ledger(max_cost_usd=llm.max_cost_usd, max_calls=llm.max_calls)

    def prelabeller(
        self,
        store: Store,
        project: Project,
        question: QuestionSettings,
        *,
        ledger: Ledger | None = None,
    ) -> Prelabeller:
        """Who answers for the machine: one model, or an ensemble of them.

        What a server can do is taken from the store: see `try_out`. ledger: None for books of its
        own. Raises ProviderError without a key or a record that is needed, WeightsError, and
        NothingToDo for a question that no model is asked.
        """
        require_able(project, question)
        books = ledger or self.ledger(project)
        made = {}
        for name, alone in self.models(project):
            with _about(name):
                made[name] = self._one(store, alone, question, books)
        return made[""] if "" in made else EnsemblePrelabeller(made, ledger=books)

    def stages(self, project: Project) -> list[tuple[Project, bool]]:
        """The project as it is asked, stage by stage; True: only about the items that were chosen.

        In a cascade the stronger model is left out at first. Items are routed between the stages.
        """
        routing, llm = project.routing, project.llm
        if routing.policy != "cascade":
            return [(project, False)]
        named_ = zip(llm.ensemble, llm.models(), strict=True)
        others = tuple(member for member, (name, _) in named_ if name != routing.strong)
        first = project.model_copy(update={"llm": llm.model_copy(update={"ensemble": others})})
        return [(first, False), (project, True)]

    def batched(
        self, store: Store, project: Project, question: QuestionSettings, *, ledger: Ledger
    ) -> Batched:
        """Who answers for the machine, through Batch APIs. Raises as `prelabeller` does, and
        ProviderError for a model that has none."""
        if project.routing.policy == "cascade":
            raise AnnotateError(
                "--batch asks every model about every item, and `policy: cascade` asks the "
                "stronger one about some: leave out --batch, or choose another policy"
            )
        prelabeller = self.prelabeller(store, project, question, ledger=ledger)
        settings = dict(self.models(project))
        members = []
        for name, alone in members_of(prelabeller).items():
            llm = chosen(settings[name].llm, known(store, settings[name].llm))
            with _about(name):
                if not isinstance(alone, ChatPrelabeller) or llm.provider != "openai":
                    why = f"`llm.provider: {llm.provider}` has no Batch API: leave out --batch"
                    raise ProviderError(why, fatal=True)
                server = BatchServer(llm, self.key(llm))
                members.append(BatchMember(name, alone, server, llm))
        return Batched(question, prelabeller, members, excluded(project, prelabeller))

    def offers_batches(self, store: Store, project: Project, member: str) -> bool:
        """Whether the server of this model was seen to have a Batch API."""
        seen = known(store, dict(self.models(project))[member].llm)
        return seen is not None and seen.batches.verdict == "yes"

    def models(self, project: Project) -> list[tuple[str, Project]]:
        """The project as each model of its ensemble has it; without an ensemble, as it is."""
        return [
            (name, project.model_copy(update={"llm": self._located(llm)}))
            for name, llm in project.llm.models()
        ]

    def try_out(
        self, store: Store, project: Project, *, actor: Person, say: Say, run: Run = _at_once
    ) -> None:
        """Find out what the project's servers can do, where a run goes by that and nothing is
        known. What was begun without goes on without: to ask otherwise is to ask all again.

        run: does a piece of work that may take a minute. Raises ProviderError when nothing can
        work.
        """
        models = self.models(project) if able(project) else []
        new = [(n, alone) for n, alone in models if untried(store, alone.llm)]
        if new and self._begun(store, project):
            names = ", ".join(str(alone.llm.model) for _, alone in new)
            say(f"{names}: asked for plain text as before; `coannotate connect` may find out more")
            return
        for name, alone in new:
            llm = alone.llm
            if not untried(store, llm):  # another member was on the same server and model
                continue
            with _about(name):
                address = llm.base_url or ("" if llm.provider == "gguf" else OPENAI)
                about = " at ".join(filter(None, (llm.model, address)))
                say(f"trying the server out once: {about}")
                found = run(partial(connect, llm, self.key(llm), actor=actor))
            keep(store, found, now=self.now())
            say(f"  {summary(llm, found)}")

    def _begun(self, store: Store, project: Project) -> bool:
        """Whether a question has answers from these settings with what is known now."""
        try:
            asked = [(q.name, self.prelabeller(store, project, q)) for q in able(project)]
        except ProviderError:  # `auto` cannot be without a record
            return False
        return any(
            store.prelabels.latest_round(project.project, name, digest(one.fingerprint()))
            for name, one in asked
        )

    def key(self, llm: LLMSettings) -> str | None:
        """A server of one's own may need no key, and never gets one that was meant for OpenAI."""
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

    def _located(self, llm: LLMSettings) -> LLMSettings:
        """A model file is named as seen from the workspace."""
        if llm.provider != "gguf" or llm.model is None:
            return llm
        path = self.config.folder / Path(llm.model).expanduser()
        return llm.model_copy(update={"model": str(path)})

    def _one(
        self, store: Store, project: Project, question: QuestionSettings, ledger: Ledger
    ) -> Prelabeller:
        if project.llm.provider == "local":
            return self._local(project, question)
        seen = known(store, project.llm)
        llm = chosen(project.llm, seen)
        project, key = project.model_copy(update={"llm": llm}), self.key(llm)
        contract = CONTRACTS.get(llm.provider)
        if contract is not None:
            server = Server(llm, key)
            return DecisionPrelabeller(project, question, server, contract, ledger=ledger)
        provider = PROVIDERS[llm.provider](llm, key)
        abilities = Abilities.NONE if seen is None else Abilities.seen(seen)
        return ChatPrelabeller(project, question, provider, ledger=ledger, abilities=abilities)

    def _local(self, project: Project, question: QuestionSettings) -> Prelabeller:
        weights = Path(project.llm.weights) if project.llm.weights else None
        minilm, missing = _minilm(weights, self.config.hub_cache)
        read = [project.title, project.guideline, question.text]
        encoder = choose_encoder(read, minilm)
        return LocalPrelabeller(project, question, encoder, missing=missing)


@contextmanager
def _about(member: str) -> Iterator[None]:
    """An error that names the member it is about."""
    try:
        yield
    except ProviderError as error:
        raise (named(member, error) if member else error) from error


def services_for(folder: Path | None) -> Services:
    """For the workspace in `folder`; None: where the environment says, else the current folder."""
    return Services(from_environment(folder))


@cache
def _minilm(weights: Path | None, hub_cache: Path) -> tuple[Encoder | None, str]:
    """The sentence encoder, or None and where its weights were looked for."""
    found = find_weights(weights, hub_cache=hub_cache)
    return (None, str(found)) if isinstance(found, Missing) else (MiniLM.load(found), "")
