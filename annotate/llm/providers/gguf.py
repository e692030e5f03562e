"""A model file run by llama.cpp in this process, and asked like any other server."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import secrets
from pathlib import Path
from typing import Any

from annotate.errors import ProviderError
from annotate.hashing import digest
from annotate.llm.prompts import Prompt
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.llm.providers.protocol import PLAIN, PROVIDERS, Form, Reply
from annotate.llm.providers.refusals import Part
from annotate.project.settings import LLMSettings

PACKAGE = "xllamacpp"
SLOTS = 2
"""Calls worked on at once; each slot has its own share of the memory."""
CONTEXT = 8192
"""Tokens per call at most; less where the model was made for less."""

_MAGIC = b"GGUF"
_BLOCK = 1 << 16


class GGUFChat:
    """Implements `Provider`. `settings.model` is the path of the file.

    The model is loaded at the first call, so a run with nothing left to do costs nothing. `model`
    is the file's name and a mark of its content: another file of that name is another model.
    Raises ProviderError at once without the package or a readable GGUF file.
    """

    def __init__(self, settings: LLMSettings, key: str | None) -> None:
        assert settings.model is not None
        self._path = Path(settings.model).expanduser()
        check(self._path)
        self.model = f"{self._path.name}@{content_mark(self._path)}"
        self._settings = settings
        self._server: LlamaServer | None = None
        self._chat: OpenAIChat | None = None
        self._starting = asyncio.Lock()
        # waiting for a slot must not count against the time of a call
        self._slots = asyncio.Semaphore(SLOTS)

    @property
    def dropped(self) -> tuple[Part, ...]:
        """Parts of a form that llama.cpp refused."""
        return self._chat.dropped if self._chat else ()

    async def complete(self, prompt: Prompt, *, sample: int, form: Form = PLAIN) -> Reply:
        async with self._slots:
            chat = await self._started()
            return await chat.complete(prompt, sample=sample, form=form)

    async def close(self) -> None:
        if self._chat is not None:
            await self._chat.close()
        if self._server is not None:
            self._server.stop()
        self._chat = self._server = None

    async def _started(self) -> OpenAIChat:
        async with self._starting:
            if self._chat is None:
                self._server = await asyncio.to_thread(LlamaServer, self._path)
                changes = {
                    "base_url": self._server.base_url,
                    "model": self._server.model,
                    "concurrency": SLOTS,
                }
                self._chat = OpenAIChat(self._settings.model_copy(update=changes), self._server.key)
            return self._chat


class LlamaServer:
    """llama.cpp's server on a free loopback port, with a key that only this process knows.

    Raises ProviderError without the package, the file, or when llama.cpp cannot load it.
    """

    def __init__(self, path: Path) -> None:
        check(path)
        self.key = secrets.token_urlsafe(24)
        self.model = path.name
        llama: Any = importlib.import_module(PACKAGE)
        wanted = llama.CommonParams()
        wanted.model.path = str(path)
        wanted.model_alias = {self.model}
        wanted.api_keys = [self.key]
        wanted.port = 0
        wanted.n_parallel = SLOTS
        wanted.n_ctx = SLOTS * CONTEXT
        # its threads wait by spinning: where they outnumber free cores, a hundred times slower
        wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = _threads()
        # finished prompts would be kept in up to 8 GB of memory
        wanted.cache_ram_mib = 0
        wanted.offline = True
        wanted.ui = wanted.endpoint_slots = wanted.warmup = False
        wanted.verbosity = -1
        try:
            self._server = llama.Server(wanted)
        except RuntimeError as error:
            raise ProviderError(
                f"{path}: llama.cpp cannot load it. The file may be cut off, need a newer "
                f"{PACKAGE}, or be too large for this machine's memory",
                fatal=True,
            ) from error
        self.base_url = f"{self._server.listening_address}/v1"

    def stop(self) -> None:
        """End the server and give its memory back. Calling it again does nothing."""
        self._server = None


def _threads() -> int:
    """Half of the processors: about the real cores, with some left for the pages."""
    return max(1, (os.cpu_count() or 1) // 2)


def check(path: Path) -> None:
    """Raises ProviderError when the package is missing or `path` is no GGUF file."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise ProviderError(
            f"provider gguf needs the package {PACKAGE}: pip install 'coannotate[gguf]'",
            fatal=True,
        )
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise ProviderError(
            f"{path}: cannot be read ({error.strerror}). `llm.model` is the path of a .gguf file",
            fatal=True,
        ) from error
    if magic != _MAGIC:
        raise ProviderError(
            f"{path} is not a GGUF file (it begins with {magic!r}, not {_MAGIC!r}). "
            "Convert the model to GGUF, or name another file in `llm.model`",
            fatal=True,
        )


def content_mark(path: Path, *, blocks: int = 64) -> str:
    """Eight hex digits of a file's size and of blocks spread evenly over it.

    Reading all of a file of many gigabytes would take longer than loading it.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        parts = []
        for at in range(blocks):
            file.seek(at * max(size - _BLOCK, 0) // (blocks - 1))
            parts.append(file.read(_BLOCK).hex())
    return digest(size, parts, size=4)


PROVIDERS.add("gguf", GGUFChat)
