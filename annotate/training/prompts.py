"""What a trained model is to be asked, as turns of a chat, and what it is to reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from annotate.chats import chat, read_as, transcripts
from annotate.exporters.protocol import ExportRow
from annotate.llm.prompts import Asked, ask, marks
from annotate.llm.spoken import SPOKEN
from annotate.llm.variants import WAYS, Variant
from annotate.model import Item, Value
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.questions.text import MODEL, TextSettings
from annotate.training.protocol import Rules, Turn

ROLES = frozenset({"system", "user", "assistant", "tool"})
_WAY = Variant(WAYS["instruction"])
_WIDTH = 40
"""Of the run of < and > in the texts that a task is compiled with: the marks get one more."""
_HOLE = re.compile("\ue000(\\d+)<+>+\ue001")


def asked(row: ExportRow, rules: Rules) -> tuple[Turn, ...]:
    """The question about this item, as the model is asked it, without examples or confidence."""
    task = _task(_Of(row.project, row.question))
    return with_guideline((Turn("user", task.text(row.item)),), row, rules)


def reply(row: ExportRow, value: Value) -> str:
    """An answer as the question asks the model to spell it."""
    return _task(_Of(row.project, row.question)).reply(row.item, value)


def held(row: ExportRow, name: str, rules: Rules) -> tuple[Turn, ...]:
    """The prompt that a field holds: a chat turn by turn, any other text as the user's."""
    return with_guideline(_turns(row, name), row, rules)


def response(row: ExportRow, name: str) -> str:
    """The text of a response; of a chat with one turn of the assistant what is said there."""
    text = row.item.fields[name]
    if name not in transcripts(row.project):
        return text
    turns = chat(text)
    if turns is not None and len(turns) == 1 and turns[0].role == "assistant":
        return _whole(turns[0].text, turns[0].extra)
    return read_as(row.project, name, row.item)


def before_draft(row: ExportRow, question: TextSettings, rules: Rules) -> tuple[Turn, ...]:
    """What a draft and its corrections are responses to: the item's other fields.

    Where there are none, or the model has written the draft itself, the question as it is asked.
    """
    if question.draft in (None, MODEL):
        return asked(row, rules)
    others = [name for name in row.project.fields if name != question.draft]
    if not others:
        return asked(row, rules)
    if len(others) == 1:
        return held(row, others[0], rules)
    said = (f"{name}: {read_as(row.project, name, row.item)}" for name in others)
    return with_guideline((Turn("user", "\n\n".join(said)),), row, rules)


def dialogue(row: ExportRow) -> tuple[Turn, ...] | None:
    """The one field that is a chat, turn by turn; None where there is none, or several."""
    names = transcripts(row.project)
    if len(names) != 1 or (turns := chat(row.item.fields[names[0]])) is None:
        return None
    made = tuple(Turn(turn.role.casefold(), _whole(turn.text, turn.extra)) for turn in turns)
    return made if all(turn.role in ROLES for turn in made) else None


def with_guideline(turns: tuple[Turn, ...], row: ExportRow, rules: Rules) -> tuple[Turn, ...]:
    """With the guideline in front, where the rules want it; a system message takes it in, because
    most chat templates know one only."""
    guideline = row.project.guideline.strip() if rules.guideline else ""
    if not guideline:
        return turns
    if turns and turns[0].role == "system":
        first = Turn("system", f"{guideline}\n\n{turns[0].content}")
        return (first, *turns[1:])
    return (Turn("system", guideline), *turns)


def is_empty(prompt: tuple[Turn, ...], *texts: str) -> bool:
    """Whether a turn or a text has nothing to train on."""
    said = (turn.content.strip() for turn in prompt)
    return not prompt or not all(said) or not all(text.strip() for text in texts)


def _turns(row: ExportRow, name: str) -> tuple[Turn, ...]:
    """A chat whose roles no trainer knows is a transcript, as the model reads it."""
    text = row.item.fields[name]
    if name not in transcripts(row.project) or (turns := chat(text)) is None:
        return (Turn("user", text),)
    made = tuple(Turn(turn.role.casefold(), _whole(turn.text, turn.extra)) for turn in turns)
    if all(turn.role in ROLES for turn in made):
        return made
    return (Turn("user", read_as(row.project, name, row.item)),)


def _whole(text: str, extra: str) -> str:
    return "\n".join(part for part in (text, extra) if part)


# ---- the task, made of its template once


@dataclass(frozen=True, slots=True, eq=False)
class _Of:
    """A project and its question, compared by identity: to compare their contents for every row
    takes longer than to fill in a template."""

    project: Project
    question: QuestionSettings

    def __hash__(self) -> int:
        return hash((id(self.project), id(self.question)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Of):
            return NotImplemented
        return self.project is other.project and self.question is other.question


@dataclass(frozen=True, slots=True)
class _Task:
    """A question as text with holes. pieces: text, number of a field, text, ...; None where the
    template does more with a field than to show it, so that it is filled in for every item."""

    project: Project
    question: QuestionSettings
    fields: tuple[str, ...]
    spoken: frozenset[str]
    pieces: tuple[str, ...] | None
    probe: Asked
    titles: Mapping[Value, str] = field(default_factory=dict)

    def text(self, item: Item) -> str:
        if self.pieces is None or self._without_draft(item):
            return _asked(self.project, self.question, item).prompt.messages[-1].content
        return _filled(self, item)

    def reply(self, item: Item, value: Value) -> str:
        if self.probe.spoken is None:
            return self.titles[value]
        asking = replace(self.probe.spoken, fields=item.fields)
        return SPOKEN[self.question.type].written(asking, value)

    def _without_draft(self, item: Item) -> bool:
        """Such an item is asked about in other words."""
        name = getattr(self.question, "draft", None)
        return name in self.fields and not item.fields[name].strip()


@lru_cache(maxsize=32)
def _task(of: _Of) -> _Task:
    llm = of.project.llm.model_copy(update={"confidence": False})
    project = of.project.model_copy(update={"llm": llm})
    fields = project.fields
    probe = _asked(project, of.question, _item(project, [_hole(at) for at in range(len(fields))]))
    titles = {} if probe.spoken is not None else {v: said for said, v in probe.answers.items()}
    spoken = frozenset(transcripts(project))
    pieces = _pieces(probe.prompt.messages[-1].content)
    task = _Task(project, of.question, fields, spoken, pieces, probe, titles)
    # a template may do with a text what holes cannot: then it is used for every item
    other = _item(project, [f" {at}: <<<< {{}} \n" for at in range(len(fields))])
    right = _filled(task, other) == _asked(project, of.question, other).prompt.messages[-1].content
    return task if right else replace(task, pieces=None)


def _asked(project: Project, question: QuestionSettings, item: Item) -> Asked:
    return ask(project, question, item, _WAY)


def _item(project: Project, texts: list[str]) -> Item:
    fields = dict(zip(project.fields, texts, strict=True))
    return Item("probe", project.project, 0, "id:probe", "", fields, {}, "")


def _hole(at: int) -> str:
    return f"\ue000{at}{'<' * _WIDTH}{'>' * _WIDTH}\ue001"


_OPEN, _CLOSE = "\ue002", "\ue003"


def _pieces(text: str) -> tuple[str, ...]:
    """Text and numbers of fields in turn; the marks around fields as single signs."""
    parts = _HOLE.split(text)
    width = _WIDTH + 1
    return tuple(
        part if at % 2 else part.replace("<" * width, _OPEN).replace(">" * width, _CLOSE)
        for at, part in enumerate(parts)
    )


def _filled(task: _Task, item: Item) -> str:
    assert task.pieces is not None
    open_, close = _marks(task, item)
    made = []
    for at, piece in enumerate(task.pieces):
        if at % 2:
            name = task.fields[int(piece)]
            spoken = name in task.spoken
            made.append(read_as(task.project, name, item) if spoken else item.fields[name])
        else:
            made.append(piece.replace(_OPEN, open_).replace(_CLOSE, close))
    return "".join(made)


def _marks(task: _Task, item: Item) -> tuple[str, str]:
    texts = item.fields.values()
    plain = not task.spoken and not any("<<<" in text or ">>>" in text for text in texts)
    return ("<<<", ">>>") if plain else marks(task.project, [item])
