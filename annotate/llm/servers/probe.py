"""Some fifteen tiny requests that find out what a model server really does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import openai

from annotate.errors import ProviderError
from annotate.llm.deciders.calls import Asked, Choice, Contract, decide
from annotate.llm.servers import verdicts
from annotate.llm.servers.capabilities import OFFERED_KEPT, Capabilities, Feature
from annotate.llm.servers.client import Body, Server
from annotate.llm.servers.verdicts import (
    Failed,
    Said,
    as_dict,
    completion,
    context_tokens,
    few,
    names,
)
from annotate.project.settings import LLMSettings

ATTEMPTS = 2
CAP = 19
"""Tokens; odd, so that a limit the server sets by itself is not taken for ours."""
ROOM = 256
"""Tokens for answers that have to be whole; models that think first need some."""

_COUNT = "Write the numbers from one to sixty in English words, separated by commas."
_VARIED = "Write ten random letters and nothing else."
_SKY = "What colour is the sky on a clear day? Answer in one word."
_SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "enum": [verdicts.UNHEARD_OF]}},
    "required": ["answer"],
    "additionalProperties": False,
}
_DECISION = Asked(
    name="clear",
    instructions="Does the text say that the sky is blue?",
    text="The sky is blue.",
    choices=(Choice("yes", "yes"), Choice("no", "no")),
    classes=("yes", "no"),
)


def probe(
    base_url: str | None,
    model: str,
    key: str | None,
    *,
    key_env: str = "OPENAI_API_KEY",
    timeout_s: float = 30,
    backoff_s: float = 0.5,
) -> Capabilities:
    """What the server at `base_url` (None: OpenAI's) does with `model`.

    Raises ProviderError, in one line, when nothing can work: a wrong address, an unreachable
    server, a refused key, an unknown model.
    """
    settings = LLMSettings(
        provider="openai",
        base_url=base_url,
        model=model,
        api_key_env=key_env,
        timeout_s=timeout_s,
        concurrency=1,
    )

    async def run() -> Capabilities:
        server = Server(settings, key, backoff_s=backoff_s)
        try:
            return await _Probe(server).run()
        finally:
            await server.close()

    return asyncio.run(run())


class _Probe:
    """One request after the other: what was found decides how the next question is put."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._chatting = False
        self._cap: dict[str, int] = {}
        self._warm: dict[str, float] = {}
        self._answers = 0
        self._rate_limits: dict[str, str] = {}

    async def run(self) -> Capabilities:
        entries, found = await self._models()
        found |= await self._limits()
        failed = found.pop("failed", None)
        found["decisions"] = await self._decision("decisions")
        found["systemone"] = await self._decision("systemone")
        if failed is not None and "yes" not in (
            found["decisions"].verdict,
            found["systemone"].verdict,
        ):
            raise self._hopeless(failed, found["offered"])
        found["batches"] = await self._batches()
        found |= await (self._features() if self._chatting else _nothing())
        found |= await self._context(entries)
        return Capabilities(
            base_url=self._server.base_url,
            model=self._server.model,
            rate_limits=self._rate_limits,
            rate_limit=self._rate_limit(),
            **found,
        )

    # requests

    async def _try(self, call: Awaitable[Body]) -> Body | Failed:
        try:
            body = await call
        except ProviderError as error:
            failed = self._failed(error)
            account = failed.status == 402 or (failed.status == 429 and error.fatal)
            if account or (failed.status == 401 and not self._chatting):
                raise ProviderError(error.why, fatal=True) from error
            return failed
        self._answered(body)
        return body

    def _failed(self, error: ProviderError) -> Failed:
        cause = error.__cause__
        if isinstance(cause, openai.APIStatusError):
            said = self._server.said_with(cause)
            return Failed(error, cause.status_code, f"{cause.status_code}: {said}")
        said = error.why.removeprefix(self._server.base_url).lstrip(": ")
        return Failed(error, None, said)

    def _answered(self, body: Body) -> None:
        self._answers += 1
        for name, value in body.headers.items():
            if "ratelimit" in name:
                self._rate_limits[name] = value

    async def _chat(self, content: str, **sent: Any) -> Said | Failed:
        message = {"role": "user", "content": content}
        body = {"model": self._server.model, "messages": [message], **sent}
        call = self._server.post("/chat/completions", body, attempts=ATTEMPTS)
        answer = await self._try(call)
        if isinstance(answer, Failed):
            return answer
        why = f"{self._server.base_url}: the answer is no completion"
        return completion(answer.json) or Failed(ProviderError(why), None, "no completion came")

    # questions

    async def _models(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The entries of the list, and what that says of our model."""
        answer = await self._try(self._server.get("/models", attempts=ATTEMPTS))
        if isinstance(answer, Failed):
            if answer.status is None:  # nobody there, or no such server
                raise ProviderError(answer.error.why, fatal=True) from answer.error
            return [], {"offered": (), "listed": Feature("unknown", answer.said)}
        given = as_dict(answer.json).get("data")
        entries = [e for e in map(as_dict, given) if e] if isinstance(given, list) else []
        offered = tuple(name for entry in entries for name in names(entry))
        offered = tuple(dict.fromkeys(offered))
        if not offered:
            listed = Feature("unknown", "the server lists no models")
        elif self._server.model in offered:
            listed = Feature("yes", f"one of {len(offered)}")
        else:
            listed = Feature("no", f"not among {len(offered)}: {few(offered)}")
        return entries, {"offered": offered[:OFFERED_KEPT], "listed": listed}

    async def _limits(self) -> dict[str, Any]:
        """Whether chat works, and by which name its length can be limited."""
        found: dict[str, Any] = {}
        replies = []
        for name in ("max_completion_tokens", "max_tokens"):
            reply = await self._chat(_COUNT, **{name: CAP})
            found[name] = verdicts.limit(reply, CAP)
            replies.append(reply)
        if all(isinstance(reply, Failed) for reply in replies):
            replies.append(await self._chat(_SKY))
        last = replies[-1]
        for name in ("max_tokens", "max_completion_tokens"):  # the last one found is used
            if found[name].verdict == "yes" or (found[name].verdict == "unknown" and not self._cap):
                self._cap = {name: ROOM}
        said = next((reply for reply in replies if isinstance(reply, Said)), None)
        if said is not None:
            self._chatting = True
            found["answered_as"] = said.model
            found["chat"] = Feature("yes", f"answered {said.text[:40]!r}")
        elif isinstance(last, Failed):
            found |= {"chat": last.feature, "failed": last}
        return found

    async def _decision(self, contract: Contract) -> Feature:
        try:
            decided = await decide(self._server, _DECISION, contract, attempts=ATTEMPTS)
        except ProviderError as error:
            return self._failed(error).feature
        if decided.probabilities is not None:
            return Feature("yes", f"P(yes) = {decided.probabilities['yes']:.3f}")
        return Feature("yes" if decided.outcome == "refused" else "no", decided.reason or "")

    async def _batches(self) -> Feature:
        """Whether calls can be handed over by the thousand; none is."""
        answer = await self._try(self._server.get("/batches?limit=1", attempts=ATTEMPTS))
        if isinstance(answer, Failed):
            return answer.feature
        if not isinstance(as_dict(answer.json).get("data"), list):
            return Feature("no", "the answer is no list of batches")
        return Feature("yes", "`prelabel --batch` can be used")

    async def _features(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        found["temperature"] = verdicts.accepted(await self._chat(_SKY, temperature=0, **self._cap))
        if found["temperature"].verdict == "yes":
            self._warm = {"temperature": 1.0}
        named = {"name": "answer", "strict": True, "schema": _SCHEMA}
        schema = {"type": "json_schema", "json_schema": named}
        found["json_schema"] = verdicts.schema(
            await self._chat(_SKY, response_format=schema, **self._cap)
        )
        found |= await self._logprobs()
        found["n"] = verdicts.several(await self._chat(_SKY, n=2, **self._cap), 2)
        found["seed"] = verdicts.seeded(
            [await self._chat(_VARIED, seed=seed, **self._warm, **self._cap) for seed in (1, 1, 2)]
        )
        return found

    async def _logprobs(self) -> dict[str, Any]:
        reply = await self._chat(_SKY, logprobs=True, top_logprobs=20, **self._cap)
        if isinstance(reply, Failed):  # some servers allow fewer
            reply = await self._chat(_SKY, logprobs=True, top_logprobs=5, **self._cap)
        if isinstance(reply, Failed):
            return {"logprobs": reply.feature}
        count = verdicts.alternatives(reply)
        if count is None:
            return {"logprobs": Feature("no", "accepted, but none came")}
        seen = f"{count} alternatives for each token"
        return {"logprobs": Feature("yes", seen), "top_logprobs": count}

    async def _context(self, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The longest prompt and answer together, if the server tells it anywhere."""
        for entry in entries:
            tokens = context_tokens(entry) if self._server.model in names(entry) else None
            if tokens is not None:
                seen = Feature("yes", f"{tokens} tokens, in the list of models")
                return {"context": seen, "context_tokens": tokens}
        root = self._server.base_url.rstrip("/").removesuffix("/v1")
        props = await self._try(self._server.get(f"{root}/props", attempts=1))
        if not isinstance(props, Failed):
            tokens = context_tokens(as_dict(as_dict(props.json).get("default_generation_settings")))
            if tokens is not None:
                seen = Feature("yes", f"{tokens} tokens, in /props")
                return {"context": seen, "context_tokens": tokens}
        return {"context": Feature("unknown", "the server does not tell")}

    def _rate_limit(self) -> Feature:
        if not self._rate_limits:
            return Feature("no", f"no such header in {self._answers} answers")
        shown = sorted(self._rate_limits.items())[:3]
        return Feature("yes", "; ".join(f"{name}: {value}" for name, value in shown))

    def _hopeless(self, failed: Failed, offered: Sequence[str]) -> ProviderError:
        if failed.status in (400, 404) and offered and self._server.model not in offered:
            why = (
                f"{self._server.base_url} knows no model {self._server.model!r} ({failed.said}). "
                f"It offers {few(offered)}: name one of those in `llm.model`"
            )
            return ProviderError(why, fatal=True)
        return ProviderError(failed.error.why, fatal=True)


async def _nothing() -> dict[str, Any]:
    feature = Feature("unknown", "not tried: chat does not work")
    return dict.fromkeys(("temperature", "json_schema", "logprobs", "n", "seed"), feature)
