"""What can go wrong between us and a server: whether to ask again, and what to tell."""

from __future__ import annotations

import time

import httpx2
import openai

from annotate.errors import ProviderError
from annotate.llm.providers.completions import LONGEST_QUOTE, one_line
from annotate.llm.providers.limits import read_limits, retry_after_s
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

    def unsendable(self, error: Exception) -> ProviderError:
        """A call that is no JSON, such as one with half of a character in it."""
        return ProviderError(f"{self._where} was not asked: {self._line(error)}")

    def unreadable(self, error: ProviderError) -> Retry:
        """A body that is no completion."""
        return Retry(f"{self._where}: {error.why}", attempts=PAID_ATTEMPTS)

    def no_json(self) -> Retry:
        return Retry(f"{self._where}: the answer is not JSON", attempts=PAID_ATTEMPTS)

    def error_inside(self, said: object) -> Retry:
        """An error with the status of an answer."""
        why = f"{self._where}: an error inside an answer: {self._line(said)}"
        return Retry(why, attempts=PAID_ATTEMPTS)

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

    def said_with(self, error: openai.APIStatusError, limit: int = LONGEST_QUOTE) -> str:
        """What a server said with a status, without the client's own words around it."""
        body = error.body
        message = body.get("message") if isinstance(body, dict) else None
        return self._line(message or body or error.message, limit) or "no explanation"

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
        status, said = error.status_code, self.said_with(error)
        if error.code == "insufficient_quota" or status == 402:
            why = f"{self._where}: the account's quota is used up ({status}: {said})"
            return ProviderError(f"{why}. Run again when it is filled", fatal=True)
        if status == 501:  # what a server has not learnt, it will not do the next time either
            why = f"{self._where} cannot do this (501: {said})"
            never = not self._ever_succeeded
            return ProviderError(f"{why}. Choose another model or `llm.provider`", fatal=never)
        if status == 429 or status in (408, 409) or status >= 500:
            return self._later(status, said, _wait_s(error.response.headers))
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

    def _line(self, said: object, limit: int = LONGEST_QUOTE) -> str:
        """One line of it, without the key; that goes before it could be cut in two."""
        return one_line(self.safe(str(said)), limit)


def _wait_s(headers: httpx2.Headers) -> float:
    """Seconds to wait before the same call; 0 when the server says nothing usable.

    Where it only says that a limit is used up, it is told to be there again at its reset.
    """
    now_s = time.time()
    said = retry_after_s(headers, now_s)
    if said:
        return said
    used_up = [one.reset_s for one in read_limits(headers.raw, now_s).values() if not one.remaining]
    return max((wait_s for wait_s in used_up if wait_s <= LONGEST_WAIT_S), default=0.0)
