"""Every error raised on purpose. The message names the value, the rule and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AnnotateError(Exception):
    """Root of the tree; `app` shows it as one line, without a traceback."""


class InvalidValue(AnnotateError):
    """An answer is not in its question type's form."""

    def __init__(self, type_name: str, value: object, rule: str) -> None:
        self.type_name, self.value, self.rule = type_name, value, rule
        super().__init__(f"{type_name}: {_short(value)} is {rule}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a project file: where it is, what rule it breaks, what to do."""

    line: int | None
    key: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.key}: {self.rule}. {self.remedy}"


class InvalidProject(AnnotateError):
    """A project file breaks rules; all of them are listed in `problems`."""

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        self.path, self.problems = path, tuple(problems)
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        super().__init__("\n".join([f"{path}: {count}", *(f"  {p}" for p in problems)]))


class UnreadableFile(AnnotateError):
    """A file as a whole cannot be read; nothing of it was taken."""


class NotFound(AnnotateError):
    """A project, item, assignment or file that was named does not exist."""


class NotAllowed(AnnotateError):
    """A person's role does not permit what was asked."""


class NotSignedIn(AnnotateError):
    """Nobody is signed in, or the proof of who somebody is does not hold."""


class TooManyAttempts(AnnotateError):
    """Too many failed sign-ins. retry_after_s: seconds until the next one is looked at."""

    def __init__(self, why: str, *, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(why)


class Conflict(AnnotateError):
    """The world moved on: a lease ran out, an answer was already given."""


class Busy(AnnotateError):
    """Somebody else holds what only one may hold at a time."""


class WorkspaceError(AnnotateError):
    """The workspace folder or its database cannot be used as it is."""


class NothingToDo(AnnotateError):
    """A verb was asked for something that has no input yet; the message says what comes first."""


class WeightsError(AnnotateError):
    """Embedding weights are missing or are not the pinned ones."""


class ProviderError(AnnotateError):
    """A model server did not answer usably.

    retry_after_s: seconds to wait before the same call may succeed; None when asking again
    will not help. fatal: the whole run is pointless (bad key, wrong model, unreachable host).
    """

    def __init__(
        self, why: str, *, retry_after_s: float | None = None, fatal: bool = False
    ) -> None:
        self.why, self.retry_after_s, self.fatal = why, retry_after_s, fatal
        super().__init__(why)


def _short(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
