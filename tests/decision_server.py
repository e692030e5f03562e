"""A model server on a loopback port whose features are switched on and off one by one."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.listening import Listener

Treated = Literal["obeyed", "ignored", "refused"]


@dataclass(frozen=True, kw_only=True)
class Features:
    """What the server does. The defaults are a server that can do everything.

    models: None for a server without a list. only_model: others get 404. logprobs: most
    alternatives it gives, more are refused; 0 for none at all.
    """

    models: tuple[str, ...] | None = ("m", "other")
    model_extra: Mapping[str, Any] = field(default_factory=dict)
    only_model: str | None = None
    key: str | None = None
    page: bool = False
    chat: bool = True
    max_completion_tokens: Treated = "obeyed"
    max_tokens: Treated = "obeyed"
    temperature: Treated = "obeyed"
    json_schema: Treated = "obeyed"
    logprobs: int = 20
    n: Treated = "obeyed"
    seed: Treated = "obeyed"
    decisions: bool = True
    systemone: bool = True
    batches: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)


Reply = Callable[[Mapping[str, Any]], Response]


def body(found: object, status: int = 200, **headers: str) -> Reply:
    """A reply that sends `found` as it is: NaN stays NaN."""
    text = found if isinstance(found, str) else json.dumps(found)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda sent: Response(text, status, named, "application/json")


class DecisionServer(Listener):
    """Listens while it is entered. script: replies to the next decision calls, first in, first
    out; without one, every option gets a probability by `weights` (else all the same)."""

    def __init__(self, features: Features = Features()) -> None:
        super().__init__()
        self.features = features
        self.script: deque[Reply] = deque()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.weights: Callable[[str, str], float] = _alike
        self._chance = random.Random(0)
        routes = [Route("/v1/models", self._models), Route("/v1/batches", self._batches)]
        for path, answer in (
            ("chat/completions", self._chat),
            ("decisions", self._decisions),
            ("systemone", self._systemone),
        ):
            routes.append(Route(f"/v1/{path}", self._entry(path, answer), methods=["POST"]))
        self.offer(routes)

    def reset(self, features: Features) -> None:
        """As new, at the same address."""
        self.features = features
        self.script.clear()
        self.calls.clear()
        self.headers.clear()
        self.weights = _alike

    def sent(self, path: str) -> list[dict[str, Any]]:
        """Bodies of the calls of one path, in order."""
        return [body for called, body in self.calls if called == path]

    # endpoints

    async def _batches(self, request: Request) -> Response:
        if not self.features.batches:
            return _error(404, "Not Found")
        return JSONResponse({"object": "list", "data": [], "has_more": False})

    async def _models(self, request: Request) -> Response:
        if self.features.page:
            return Response("<!doctype html><html>Sign in</html>", media_type="text/html")
        refused = self._refused_key(request)
        if refused:
            return refused
        if self.features.models is None:
            return _error(404, "Not Found")
        extra = self.features.model_extra
        data = [{"id": name, "object": "model", **extra} for name in self.features.models]
        return JSONResponse({"object": "list", "data": data}, headers=dict(self.features.headers))

    def _entry(self, path: str, answer: Reply) -> Callable[[Request], Any]:
        async def entry(request: Request) -> Response:
            sent = await request.json()
            self.calls.append((path, sent))
            self.headers.append(dict(request.headers))
            only = self.features.only_model
            refused = self._refused_key(request)
            if refused is None and only not in (None, sent["model"]):
                refused = _error(404, f"The model `{sent['model']}` does not exist")
            return refused or answer(sent)

        return entry

    def _refused_key(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.features.key in (None, given):
            return None
        return _error(401, f"Incorrect API key provided: {given}")

    def _chat(self, sent: Mapping[str, Any]) -> Response:
        if not self.features.chat:
            return _error(404, "Not Found")
        refused = self._refused_parameter(sent)
        if refused:
            return _error(400, f"Unsupported parameter: '{refused}'")
        obeyed = {name: sent[name] for name in sent if self._treats(name) == "obeyed"}
        chance = random.Random(sent["seed"]) if "seed" in obeyed else self._chance
        words = _words(sent, "response_format" in obeyed, chance)
        cap = obeyed.get("max_completion_tokens", obeyed.get("max_tokens", len(words)))
        message = {"role": "assistant", "content": " ".join(words[:cap])}
        choice: dict[str, Any] = {
            "message": message,
            "finish_reason": "length" if cap < len(words) else "stop",
        }
        if self.features.logprobs and sent.get("logprobs"):
            choice["logprobs"] = {"content": [_token(sent["top_logprobs"])]}
        count = obeyed.get("n", 1)
        return JSONResponse(
            {
                "id": "c",
                "object": "chat.completion",
                "created": 1,
                "model": f"{sent['model']}-2026",
                "choices": [{"index": at, **choice} for at in range(count)],
                "usage": {"prompt_tokens": 9, "completion_tokens": min(cap, len(words))},
            },
            headers=dict(self.features.headers),
        )

    def _treats(self, name: str) -> str:
        named = {"response_format": "json_schema"}.get(name, name)
        return str(getattr(self.features, named, "obeyed"))

    def _refused_parameter(self, sent: Mapping[str, Any]) -> str | None:
        if 0 < self.features.logprobs < sent.get("top_logprobs", 0):
            return "top_logprobs"
        return next((name for name in sent if self._treats(name) == "refused"), None)

    def _decisions(self, sent: Mapping[str, Any]) -> Response:
        if not self.features.decisions:
            return _error(404, "Not Found")
        if self.script:
            return self.script.popleft()(sent)
        answers = []
        for question in sent["questions"]:
            options = [choice["value"] for choice in question["choices"]]
            shares = self._shares(options, sent["input"])
            answers.append(
                {
                    "type": "choice",
                    "name": question["name"],
                    "choice": max(shares, key=shares.__getitem__),
                    "confidence": 0.123,
                    "probabilities": [
                        {"value": option, "probability": share} for option, share in shares.items()
                    ],
                }
            )
        return _decided(sent, answers)

    def _systemone(self, sent: Mapping[str, Any]) -> Response:
        if not self.features.systemone:
            return _error(501, "This model is not a decision model")
        if self.script:
            return self.script.popleft()(sent)
        answers = {}
        for name, question in sent["questions"].items():
            shares = self._shares(list(question["criteria"]), sent["state"])
            answers[name] = {
                "type": "choice",
                "choice": max(shares, key=shares.__getitem__),
                "confidence": 0.123,
                "probabilities": shares,
            }
        return _decided(sent, answers)

    def _shares(self, options: list[str], text: str) -> dict[str, float]:
        weights = {option: self.weights(option, text) for option in options}
        return {option: weight / sum(weights.values()) for option, weight in weights.items()}


def _alike(option: str, text: str) -> float:
    return 1.0


def _words(sent: Mapping[str, Any], obeys_schema: bool, chance: random.Random) -> list[str]:
    """What the model has to say, word by word: a token is a word here."""
    if obeys_schema:
        schema = sent["response_format"]["json_schema"]["schema"]
        return [json.dumps({name: one["enum"][0] for name, one in schema["properties"].items()})]
    if sent.get("temperature") == 1:
        return [chance.choice("abcdefghij") for _ in range(10)]
    return ["word"] * 60


def _token(count: int) -> dict[str, Any]:
    top = [{"token": f"t{at}", "logprob": -1.0 - at} for at in range(count)]
    return {"token": "t0", "logprob": -1.0, "top_logprobs": top}


def _decided(sent: Mapping[str, Any], answers: object) -> Response:
    usage = {"input_tokens": 31, "output_tokens": 0, "total_tokens": 31}
    return JSONResponse({"model": sent["model"], "answers": answers, "usage": usage})


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": "x", "code": None}}, status)
