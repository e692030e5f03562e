"""What a trained model is to be asked, as turns of a chat, and what it is to reply."""

from __future__ import annotations

from collections.abc import Iterable

from annotate.chats import chat, read_as
from annotate.exporters.protocol import ExportRow
from annotate.model import Value
from annotate.training.protocol import Rules, Turn
from annotate.training.tasks import Task, task_of

ROLES = frozenset({"system", "user", "assistant", "tool"})


def asked(row: ExportRow, rules: Rules) -> tuple[Turn, ...]:
    """The question about this item, as the model is asked it, without examples or confidence."""
    return with_guideline((Turn("user", task_of(row).text(row.item)),), row, rules)


def reply(row: ExportRow, value: Value) -> str:
    """An answer as the question asks the model to spell it."""
    return task_of(row).reply(row.item, value)


def replies_to_all(row: ExportRow, values: Iterable[Value]) -> tuple[str, ...] | None:
    """As `reply`, where an answer is spelt the same whatever the item; else None."""
    titles = task_of(row).titles
    return tuple(titles[value] for value in values) if titles else None


def held(row: ExportRow, name: str, rules: Rules) -> tuple[Turn, ...]:
    """The prompt that a field holds: a chat turn by turn, any other text as the user's.

    A chat whose roles no trainer knows is a transcript, as the model reads it.
    """
    task = task_of(row)
    turns = _spoken(row, name) if name in task.spoken else None
    return with_guideline(turns or (Turn("user", _text(task, row, name)),), row, rules)


def response(row: ExportRow, name: str) -> str:
    """The text of a response; of a chat with one turn of the assistant what is said there."""
    task = task_of(row)
    turns = _spoken(row, name) if name in task.spoken else None
    if turns is not None and len(turns) == 1 and turns[0].role == "assistant":
        return turns[0].content
    return _text(task, row, name)


def before_draft(row: ExportRow, rules: Rules) -> tuple[Turn, ...]:
    """What a draft and its corrections are responses to: the prompt, where some question names it,
    else the item's other fields, but for drafts and responses.

    Where there are none, or the model has written the draft itself, the question as it is asked.
    """
    task = task_of(row)
    around = task.around if task.prompt is None else (task.prompt,)
    if task.draft is None or not around:
        return asked(row, rules)
    if len(around) == 1:
        return held(row, around[0], rules)
    return with_guideline((Turn("user", _named(task, row, around)),), row, rules)


def item_text(row: ExportRow) -> str:
    """The whole item as a model reads it; several fields with their names."""
    task = task_of(row)
    if len(task.fields) == 1:
        return _text(task, row, task.fields[0])
    return _named(task, row, task.fields)


def dialogue(row: ExportRow) -> tuple[Turn, ...] | None:
    """The one field that is a chat, turn by turn; None where there is none, or several."""
    spoken = task_of(row).spoken
    return _spoken(row, next(iter(spoken))) if len(spoken) == 1 else None


def with_guideline(turns: tuple[Turn, ...], row: ExportRow, rules: Rules) -> tuple[Turn, ...]:
    """With the guideline in front, where the rules want it; a system message takes it in, because
    most chat templates know one only."""
    if not rules.guideline or not (guideline := task_of(row).guideline):
        return turns
    if turns and turns[0].role == "system":
        first = Turn("system", f"{guideline}\n\n{turns[0].content}")
        return (first, *turns[1:])
    return (Turn("system", guideline), *turns)


def is_empty(prompt: tuple[Turn, ...], *texts: str) -> bool:
    """Whether a turn or a text has nothing to train on."""
    for turn in prompt:
        if not turn.content or turn.content.isspace():
            return True
    for text in texts:
        if not text or text.isspace():
            return True
    return not prompt


def _spoken(row: ExportRow, name: str) -> tuple[Turn, ...] | None:
    """A chat turn by turn; None where it is none, or has roles that no trainer knows."""
    turns = chat(row.item.fields[name])
    if turns is None:
        return None
    made = tuple(
        Turn(turn.role.casefold(), "\n".join(part for part in (turn.text, turn.extra) if part))
        for turn in turns
    )
    return made if all(turn.role in ROLES for turn in made) else None


def _text(task: Task, row: ExportRow, name: str) -> str:
    return read_as(row.project, name, row.item) if name in task.spoken else row.item.fields[name]


def _named(task: Task, row: ExportRow, names: tuple[str, ...]) -> str:
    return "\n\n".join(f"{name}: {_text(task, row, name)}" for name in names)
