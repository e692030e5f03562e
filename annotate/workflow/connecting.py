"""Try a project's model server out, and say what it can do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from annotate.errors import NothingToDo, ProviderError
from annotate.llm.capabilities import Capabilities
from annotate.llm.probe import probe
from annotate.llm.providers.gguf import LlamaServer
from annotate.model import Person
from annotate.people import require
from annotate.project.settings import LLMSettings


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
        return _try_file(Path(llm.model).expanduser(), llm.timeout_s)
    return probe(llm.base_url, llm.model, key, key_env=llm.api_key_env, timeout_s=llm.timeout_s)


def _try_file(path: Path, timeout_s: float) -> Capabilities:
    server = LlamaServer(path)
    try:
        found = probe(server.base_url, server.model, server.key, timeout_s=timeout_s)
    finally:
        server.stop()
    # the port of today's server means nothing tomorrow
    return replace(found, base_url=str(path))
