"""What can go wrong between us and a server: whether to ask again, and what to tell."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import openai

from annotate.errors import ProviderError
from annotate.project.settings import LLMSettings

ATTEMPTS = 6
PAID_ATTEMPTS = 3
"""For answers that came but could not be used: each may have been paid for."""
SLOW_ATTEMPTS = 2
LONGEST_WAIT_S = 120.0
GIVE_UP_AFTER = 20
"""Calls given up one after the other, without a single answer between them."""
SHORTEST_SECRET = 8
"""A shorter key is a placeholder for a server that needs none, and may be an ordinary word."""


class Retry(Exception):
    """This attempt failed; the next one may not. fatal: if none succeeds, the run is over.

    overloaded: the server asks for fewer calls.
    """

    def __init__(
        self,
        why: str,
        *,
        after_s: float = 0.0,
        attempts: int = ATTEMPTS,
        fatal: bool = False,
        overloaded: bool = False,
    ) -> None:
        self.why, self.after_s, self.attempts, self.fatal = why, after_s, attempts, fatal
        self.overloaded = overloaded
        super().__init__(why)


class Failures:
    """Turns the client's errors into `Retry` or ProviderError, in one line without the key.

    What ends a run depends on what came before: a host that never answered is a wrong address,
    one that did may come back.
    """

    def __init__(self, settings: LLMSettings, where: str, key: str) -> None:
        self._settings, self._where, self._key = settings, where, key
        self._ever_succeeded = False
        self._given_up = 0

    def succeeded(self) -> None:
        self._ever_succeeded, self._given_up = True, 0

    def given_up(self, failed: Retry) -> ProviderError:
        """The error for a call whose attempts are used up."""
        self._given_up += 1
        if self._given_up >= GIVE_UP_AFTER:
            why = f"{failed.why}; {self._given_up} calls in a row failed. Run again later"
            return ProviderError(why, fatal=True)
        return ProviderError(failed.why, fatal=failed.fatal)

    def too_slow(self) -> Retry:
        why = f"{self._where}: no answer within {self._settings.timeout_s:g} s"
        return Retry(why, attempts=SLOW_ATTEMPTS)

    def unreadable(self, said: object = None) -> Retry:
        """A body that is no completion; said: the error in it, if any."""
        why = f"{self._where}: the answer is no completion"
        return Retry(why + (f": {self._line(said)}" if said else ""), attempts=PAID_ATTEMPTS)

    def no_completion(self) -> Retry | ProviderError:
        why = f"{self._where} answered with a page, not with a completion"
        if self._ever_succeeded:
            return Retry(why, attempts=PAID_ATTEMPTS)
        hint = "Check `llm.base_url`: it usually ends in /v1"
        return ProviderError(f"{why}. {hint}", fatal=True)

    def translated(self, error: openai.OpenAIError) -> Retry | ProviderError:
        if isinstance(error, openai.APITimeoutError):
            connecting = isinstance(error.__cause__, httpx2.ConnectTimeout)
            return self._unreachable(attempts=1) if connecting else self.too_slow()
        if isinstance(error, openai.APIConnectionError):
            unreachable = httpx2.ConnectError | httpx2.ProxyError | httpx2.UnsupportedProtocol
            if isinstance(error.__cause__, unreachable):
                return self._unreachable()
            return Retry(f"{self._where}: the connection broke", attempts=PAID_ATTEMPTS)
        if isinstance(error, openai.APIStatusError):
            return self._status(error)
        return ProviderError(f"{self._where}: {self._line(error)}")

    def safe(self, text: str) -> str:
        """Some servers echo the key: it never reaches a message, the database or a log."""
        return text.replace(self._key, "[key]") if len(self._key) >= SHORTEST_SECRET else text

    def _unreachable(self, attempts: int = PAID_ATTEMPTS) -> Retry:
        """A server that was there may be starting again; one that never was is not waited for."""
        if self._ever_succeeded:
            why = f"{self._where} can no longer be reached. Run again when the server is back"
            return Retry(why, fatal=True)
        hint = "Is the server running, and is `llm.base_url` right?"
        return Retry(f"{self._where} cannot be reached. {hint}", attempts=attempts, fatal=True)

    def _status(self, error: openai.APIStatusError) -> Retry | ProviderError:
        status, said = error.status_code, self._line(_message(error))
        if error.code == "insufficient_quota" or status == 402:
            why = f"{self._where}: the account's quota is used up ({status}: {said})"
            return ProviderError(f"{why}. Run again when it is filled", fatal=True)
        if status == 429 or status in (408, 409) or status >= 500:
            return self._later(status, said, _retry_after(error.response.headers))
        wrong = self._wrong_settings(error, said)
        # a server that took calls before refuses this one for what is in it
        if wrong and (status == 401 or not self._ever_succeeded):
            return ProviderError(wrong, fatal=True)
        return ProviderError(f"{self._where} refused the call ({status}: {said})")

    def _later(self, status: int, said: str, wait_s: float) -> Retry | ProviderError:
        if wait_s > LONGEST_WAIT_S:
            why = f"{self._where} asks to wait {wait_s:.0f} s ({status}). Run again then"
            return ProviderError(why, fatal=True)
        busy = status in (429, 503)
        return Retry(f"{self._where}: {status} {said}", after_s=wait_s, overloaded=busy)

    def _wrong_settings(self, error: openai.APIStatusError, said: str) -> str | None:
        """What is wrong for every call alike; None when it may be this call only."""
        status = error.status_code
        if status in (401, 403):
            return (
                f"{self._where} refused the key ({status}). Put a valid one in the environment "
                f"variable {self._settings.api_key_env}"
            )
        if status in (404, 405):
            return (
                f"{self._where} knows no model {self._settings.model!r} or no such path "
                f"({status}: {said}). Check `llm.model` and `llm.base_url` (it usually ends in /v1)"
            )
        if error.param in ("temperature", "top_p", "max_tokens", "max_completion_tokens"):
            name = "max_tokens" if error.param.startswith("max") else error.param
            return (
                f"{self._where} refuses `llm.{name}` ({status}: {said}). Change it, or leave it out"
            )
        return None

    def _line(self, said: object, limit: int = 300) -> str:
        """One line of it, without the key."""
        text = " ".join(self.safe(str(said)).split()).encode("utf-8", "replace").decode("utf-8")
        if text[:1] == "<" or "<html" in text[:200].casefold():
            return "a web page"
        return text if len(text) <= limit else f"{text[:limit]}…"


def _message(error: openai.APIStatusError) -> object:
    """What the server said, without the client's own words around it."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return message or body or error.message


def _retry_after(headers: httpx2.Headers) -> float:
    """Seconds to wait by the server's word; 0 when it says nothing usable."""
    said = headers.get("retry-after", "")
    for text, scale in ((headers.get("retry-after-ms", ""), 0.001), (said, 1.0)):
        try:
            wait_s = float(text) * scale
        except ValueError:
            continue
        if math.isfinite(wait_s) and wait_s >= 0:
            return wait_s
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
