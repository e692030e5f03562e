"""What a question is for every item alike, made once: its task as text with holes, its answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from annotate.chats import read_as, transcripts
from annotate.exporters.protocol import ExportRow
from annotate.llm.prompts import Asked, ask, marks
from annotate.llm.spoken import SPOKEN
from annotate.llm.variants import WAYS, Variant
from annotate.model import Item, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.rating import RatingSettings
from annotate.questions.wording import in_words

_WAY = Variant(WAYS["instruction"])
_WIDTH = 40
"""Of the run of < and > in the texts that a task is made with: the marks get one more."""
_HOLE = re.compile("\ue000(\\d+)<+>+\ue001")
_OPEN, _CLOSE = "\ue002", "\ue003"
_KEPT = 32
_kept: dict[tuple[int, int], Task] = {}
"""By identity, which stays as long as a task holds its project and question: to compare what these
say for every row takes longer than to fill in a template."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One question of a project.

    fields: names. spoken: those that are chats. choices: the fixed set of its answers, in order; ()
    without one; words: the same in words. guideline: stripped. quiet: the project, asking for no
    confidence. pieces: text, field, text, ..., with the usual marks around fields; None where the
    template does more with a field than to show it. holed: the same with holes for the marks.
    draft: the field that is edited. prompt: the field that some question of the project says holds
    the prompt. around: the fields that a draft can be a response to: all but drafts and responses.
    """

    project: Project
    question: QuestionSettings
    fields: tuple[str, ...]
    spoken: frozenset[str]
    choices: tuple[Value, ...]
    words: tuple[str, ...]
    guideline: str
    quiet: Project
    asked: Asked
    titles: Mapping[Value, str]
    pieces: tuple[str, ...] | None
    holed: tuple[str, ...]
    draft: str | None
    prompt: str | None
    around: tuple[str, ...]

    def text(self, item: Item) -> str:
        """The question about an item, as the model is asked it, without examples or confidence."""
        pieces, fields = self.pieces, item.fields
        if pieces is None or (self.draft is not None and not fields[self.draft].strip()):
            return _asked(self.quiet, self.question, item).prompt.messages[-1].content
        if self.spoken or _has_marks(fields.values()):
            return self._marked(item)
        made = list(pieces)
        made[1::2] = [fields[name] for name in pieces[1::2]]
        return "".join(made)

    def _marked(self, item: Item) -> str:
        """With marks that stand in none of its texts."""
        open_, close = marks(self.project, [item])
        made = [text.replace(_OPEN, open_).replace(_CLOSE, close) for text in self.holed]
        made[1::2] = [
            read_as(self.project, name, item) if name in self.spoken else item.fields[name]
            for name in self.holed[1::2]
        ]
        return "".join(made)

    def reply(self, item: Item, value: Value) -> str:
        """An answer as the question asks the model to spell it."""
        if self.asked.spoken is None:
            return self.titles[value]
        asking = replace(self.asked.spoken, fields=item.fields)
        return SPOKEN[self.question.type].written(asking, value)


def task_of(row: ExportRow) -> Task:
    """The task of a row's question, made at the first row."""
    key = id(row.project), id(row.question)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= _KEPT:
            _kept.clear()
        found = _kept[key] = _task(row.project, row.question)
    return found


def _has_marks(texts: Iterable[str]) -> bool:
    """To look for one character takes a tenth of the time of looking for three."""
    for text in texts:  # noqa: SIM110 - any() of a generator takes twice as long
        if ("<" in text and "<<<" in text) or (">" in text and ">>>" in text):
            return True
    return False


def _task(project: Project, question: QuestionSettings) -> Task:
    llm = project.llm.model_copy(update={"confidence": False})
    quiet = project.model_copy(update={"llm": llm})
    fields = project.fields
    asked = _asked(quiet, question, _item(project, [_hole(at) for at in range(len(fields))]))
    titles = {} if asked.spoken is not None else {v: said for said, v in asked.answers.items()}
    holed = _holed(asked.prompt.messages[-1].content, fields)
    choices = _choices(question)
    draft = getattr(question, "draft", None)
    prompts = [name for one in project.questions if (name := getattr(one, "prompt", None))]
    task = Task(
        project=project,
        question=question,
        fields=fields,
        spoken=frozenset(transcripts(project)),
        choices=choices,
        words=tuple(in_words(question, value) for value in choices),
        guideline=project.guideline.strip(),
        quiet=quiet,
        asked=asked,
        titles=titles,
        pieces=tuple(text.replace(_OPEN, "<<<").replace(_CLOSE, ">>>") for text in holed),
        holed=holed,
        draft=draft if draft in fields else None,
        prompt=prompts[0] if len(set(prompts)) == 1 else None,
        around=_around(project),
    )
    return task if _right(task) else replace(task, pieces=None)


def _right(task: Task) -> bool:
    """Whether it says of another item what the template does."""
    for texts in ([f" {at}: {{}} \n" for at in range(26)], [f"{at} <<<< " for at in range(26)]):
        item = _item(task.project, texts[: len(task.fields)])
        said = _asked(task.quiet, task.question, item).prompt.messages[-1].content
        if task.text(item) != said:
            return False
    return True


def _around(project: Project) -> tuple[str, ...]:
    answers = {getattr(question, "draft", None) for question in project.questions}
    for question in project.questions:
        answers |= set(getattr(question, "responses", ()))
    return tuple(name for name in project.fields if name not in answers)


def _choices(question: QuestionSettings) -> tuple[Value, ...]:
    """The numbers of a scale are a fixed set too."""
    kind = QUESTION_TYPES[question.type]
    fixed = kind.said(question) if isinstance(question, RatingSettings) else kind.classes(question)
    return tuple(fixed)


def _asked(project: Project, question: QuestionSettings, item: Item) -> Asked:
    return ask(project, question, item, _WAY)


def _item(project: Project, texts: list[str]) -> Item:
    fields = dict(zip(project.fields, texts, strict=True))
    return Item("probe", project.project, 0, "id:probe", "", fields, {}, "")


def _hole(at: int) -> str:
    return f"\ue000{at}{'<' * _WIDTH}{'>' * _WIDTH}\ue001"


def _holed(text: str, fields: tuple[str, ...]) -> tuple[str, ...]:
    width = _WIDTH + 1
    return tuple(
        fields[int(part)]
        if at % 2
        else part.replace("<" * width, _OPEN).replace(">" * width, _CLOSE)
        for at, part in enumerate(_HOLE.split(text))
    )
