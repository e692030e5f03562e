"""A workspace that is read from Python: its projects, and what each has to give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from annotate.api.table import Card, Table
from annotate.card.voice import Language
from annotate.errors import NotFound, WorkspaceError
from annotate.people import operator
from annotate.project import Project
from annotate.training.protocol import Rules, Truth
from annotate.workflow.exports.request import STRICT, Request
from annotate.workspace import Workspace

READER = operator(datetime.fromtimestamp(0, UTC))
"""Whoever can read the files may read everything in them."""


def opened(folder: str | Path) -> Opened:
    """The workspace in `folder`. Raises WorkspaceError when there is no database."""
    place = Path(folder).expanduser()
    if place.is_file():
        raise WorkspaceError(f"{place} is a file: open the folder that it is in, {place.parent}")
    workspace = Workspace(place)
    workspace.read().close()
    return Opened(workspace)


@dataclass(frozen=True, slots=True)
class Opened:
    """A workspace, opened to read. It holds no connection: each table reads when it is asked."""

    workspace: Workspace

    def __repr__(self) -> str:
        return f"annotate.open({str(self.workspace.folder)!r}): {', '.join(self.projects())}"

    def projects(self) -> list[str]:
        """The names of its projects."""
        return [project.project for _, project in self.workspace.projects()]

    def project(self, name: str | None = None) -> OpenedProject:
        """One project; the only one when unnamed. Raises NotFound with the choice."""
        names = self.projects() if name is None else []
        if len(names) > 1:
            raise NotFound(
                f"{self.workspace.folder} has several projects ({', '.join(names)}): name one, as "
                f"in project({names[0]!r})"
            )
        _, project = self.workspace.project(name)
        return OpenedProject(self.workspace, project)


@dataclass(frozen=True, slots=True)
class OpenedProject:
    """One project, opened to read. settings: what its project file says."""

    workspace: Workspace
    settings: Project

    def __repr__(self) -> str:
        questions = ", ".join(question.name for question in self.settings.questions)
        return f"{self.settings.project}: {self.settings.title} (questions: {questions})"

    def labels(
        self,
        question: str | None = None,
        *,
        truth: Truth = "people",
        min_posterior: float = 0.0,
        passport: bool = False,
    ) -> Table:
        """The labelled set: one row for each item and question that has a label.

        Columns: id, the item's fields, question, label, source (adjudicated, person, model or
        learned), votes, agreement (0..1), posterior (0..1) and soft_label (shares in label order).
        question: only this one. truth: "people", their plurality; "consensus", the project's
        estimator, where the label's probability is at least `min_posterior`. passport: with the
        column meta, where each label comes from, as JSON text.
        """
        rules = Rules(truth=truth, min_posterior=min_posterior)
        return self.rows("labels", question, rules=rules, passport=passport)

    def votes(self, question: str | None = None) -> Table:
        """Everything that was said: one row for each answer of a person and each call of the model.

        Columns: id, the item's fields, question, by (person or model), voter, vote, and how it came
        about: among others blind, exposure, seconds, at (UTC ISO text). question: only this one.
        """
        return self.rows("votes", question)

    def preferences(
        self, question: str | None = None, *, rules: Rules = STRICT, passport: bool = False
    ) -> Table:
        """Pairs for preference training: prompt, chosen and rejected, each a list of messages.

        Only what the rules let teach: see `Rules`; `report()` of the table tells what was left out
        and why. question: only this one. passport: with the column meta.
        """
        return self.rows("preference_trl", question, rules=rules, passport=passport)

    def sft(
        self, question: str | None = None, *, rules: Rules = STRICT, passport: bool = False
    ) -> Table:
        """Conversations to imitate: the column messages, a list of {role, content}.

        Rules, question and passport as in `preferences`.
        """
        return self.rows("sft_messages", question, rules=rules, passport=passport)

    def rows(
        self,
        dialect: str,
        question: str | None = None,
        *,
        rules: Rules = STRICT,
        passport: bool = False,
    ) -> Table:
        """The records of any format of `coannotate export --list` that is one table.

        Raises NotFound for a format or question that there is not, AnnotateError for a format that
        is a folder.
        """
        request = Request(dialect, question=question, rules=rules, passport=passport)
        return Table(self.workspace, self.settings, request, READER)

    def card(self, language: Language | None = None, *, names: bool = False) -> Card:
        """The data card, as Markdown that a notebook draws.

        language: "en" or "zh"; the project's when left out. names: the people by name.
        """
        from annotate.workflow.exports.carding import card

        with self.workspace.read() as store:
            return Card(card(store, self.settings, actor=READER, language=language, names=names))
