"""Try a project's model server out, keep what it was seen to do, and go by that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from annotate.clock import iso
from annotate.errors import NothingToDo, ProviderError
from annotate.llm.providers import gguf
from annotate.llm.servers.capabilities import Capabilities
from annotate.llm.servers.probe import probe
from annotate.llm.servers.transport import OPENAI
from annotate.model import Person
from annotate.people import require
from annotate.project.settings import LLMSettings
from annotate.store import Store

AUTO = "auto"
CHAT = ("openai", "gguf")


def connect(llm: LLMSettings, key: str | None, *, actor: Person) -> Capabilities:
    """What the server in these settings was seen to do, in about 15 tiny requests.

    A model file is loaded for the test and let go again; its record stands under its path.
    Raises NotAllowed, NothingToDo for the local annotator, and ProviderError in one line when
    nothing can work.
    """
    require(actor, "prelabel")
    if llm.provider == "local":
        raise NothingToDo(
            "the local annotator is part of this program: there is no server to try. "
            "Set `llm.provider` and `llm.model` first"
        )
    if llm.model is None:
        raise ProviderError("`llm.model` is missing: name the model to try", fatal=True)
    if llm.provider == "gguf":
        return _try_file(llm)
    return probe(llm.base_url, llm.model, key, key_env=llm.api_key_env, timeout_s=llm.timeout_s)


def keep(store: Store, found: Capabilities, *, now: datetime) -> None:
    """Remember a record, in place of an older one of the same server and model."""
    store.connections.keep(found.base_url, found.model, found.to_json(), now=iso(now))


def known(store: Store, llm: LLMSettings) -> Capabilities | None:
    """What this server and model were seen to do; None when they were never tried.

    Raises ProviderError for a model file that cannot be read.
    """
    text = store.connections.get(*_place(llm))
    try:
        return None if text is None else Capabilities.from_json(text)
    except ValueError:  # of a version that wrote it differently: as good as none
        return None


def untried(store: Store, llm: LLMSettings) -> bool:
    """Whether these settings go by what the server can do, and nothing is known of that yet."""
    adaptive = llm.provider in CHAT and AUTO in (llm.structured, llm.logprobs)
    return (adaptive or llm.provider == AUTO) and known(store, llm) is None


def chosen(llm: LLMSettings, seen: Capabilities | None) -> LLMSettings:
    """The settings with `provider: auto` replaced by the best that the server was seen to do.

    Raises ProviderError where it was never tried.
    """
    if llm.provider != AUTO:
        return llm
    if seen is None:
        raise ProviderError(
            f"`llm.provider: auto` goes by what the server of {llm.model} was seen to do, and it "
            "was not tried yet: `coannotate connect` does that",
            fatal=True,
        )
    return llm.model_copy(update={"provider": _best(seen)})


def summary(llm: LLMSettings, seen: Capabilities) -> str:
    """What a record means for how these settings ask, in one line."""
    schema, logprobs = seen.json_schema.verdict, seen.logprobs.verdict
    told = f"JSON schema enforced: {schema}, log-probabilities: {logprobs}"
    if llm.provider == AUTO:
        best = _best(seen)
        asked = "chat" if best == "openai" else f"/v1/{best}, a probability for every label"
        told = f"`llm.provider: auto` asks through {asked}; {told}"
    return f"{told}. This is kept; `coannotate connect` tries again"


def _best(seen: Capabilities) -> str:
    """A probability for every label says more than a text."""
    for name in ("decisions", "systemone"):
        if getattr(seen, name).verdict == "yes":
            return name
    return "openai"


def _place(llm: LLMSettings) -> tuple[str, str]:
    """Under which address and model a record stands."""
    model = llm.model or ""
    if llm.provider != "gguf":
        return llm.base_url or OPENAI, model
    path = Path(model)
    gguf.check(path)
    return str(path), f"{path.name}@{gguf.content_mark(path)}"


def _try_file(llm: LLMSettings) -> Capabilities:
    address, model = _place(llm)
    server = gguf.LlamaServer(Path(address))
    try:
        found = probe(server.base_url, server.model, server.key, timeout_s=llm.timeout_s)
    finally:
        server.stop()
    # the port of today's server means nothing tomorrow, nor does a name whose file has changed
    return replace(found, base_url=address, model=model)
