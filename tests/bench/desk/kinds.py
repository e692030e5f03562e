"""The same project with a question whose answers are no classes: everybody's answers are put into
other words, by what they said of the topic and of which item."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from annotate.people import operator
from annotate.project import Project
from annotate.store import open_store
from tests.bench.desk.world import LABELS, Desk, desk, project, settle
from tests.small import START

NAMED = [{"name": name} for name in LABELS]
QUESTIONS: dict[str, dict[str, Any]] = {
    "rating": {"aspects": [{"name": "form", "text": "Form"}, {"name": "tone", "text": "Tone"}]},
    "multi_label": {"labels": NAMED, "min": 0},
    "preference": {"prompt": "text", "responses": ["x", "y"], "tie": True, "strength": 3},
    "ranking": {"prompt": "text", "responses": ["x", "y", "z"]},
    "spans": {"field": "text", "labels": NAMED},
    "text": {},
}

# an answer was one of six; items differ in where spans begin and in the texts that are written
_FEW = {
    "rating": [f'{{"form":{1 + at % 5},"tone":{5 - at // 2}}}' for at in range(6)],
    "multi_label": ["[]", *(f'["{one}"]' for one in LABELS[:2]),
                    *(f'["{LABELS[at]}","{LABELS[at + 1]}"]' for at in range(3))],
    "preference": ['{"choice":"tie"}', *(f'{{"choice":"{"ab"[at % 2]}","strength":{1 + at // 2}}}'
                                         for at in range(5))],
    "ranking": ['["a","b","c"]', '["a","c","b"]', '["b","a","c"]', '["b","c","a"]',
                '["c","a","b"]', '["c","b","a"]'],
}  # fmt: skip
_NUMBER = "abs(unicode(substr(item_id, 3)) * 31 + unicode(substr(item_id, 5))) % 40"
_EACH = {
    "spans": f"""json_array(json_object('end', {_NUMBER} + length({{said}}), 'label',
        json_extract({{said}}, '$'), 'start', {_NUMBER}))""",
    "text": """json_object('text', 'Dear customer, your ' || json_extract({said}, '$')
        || ' has number ' || substr(item_id, 1, 12) || '. Thank you for waiting so long.',
        'verdict', 'write')""",
}
_SAID = {
    "annotations": ("value",),
    "prelabels": ("value",),
    "decisions": ("model_value",),
    "consensus": ("value", "machine_value"),
}


def project_of(kind: str) -> Project:
    return project({"type": kind, **QUESTIONS[kind]}, fields=["text", "x", "y", "z"])


@contextmanager
def desk_of(folder: Path, size: int, kind: str) -> Iterator[Desk]:
    """A copy of the database in `folder`, which is gone afterwards: it is as large."""
    with desk(folder, size):
        pass  # it is made where it is not there yet
    path = folder / f"desk-{kind}-{size}.db"
    try:
        shutil.copyfile(folder / f"desk-{size}.db", path)
        _said_anew(path, kind)
        made = project_of(kind)
        with open_store(path) as store:
            settle(store, made)
            yield Desk(store, made, made.questions[0], operator(START), START, size)
    finally:
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)


def _said_anew(path: Path, kind: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("synchronous = off", "journal_mode = off", "cache_size = -400000"):
            connection.execute(f"pragma {pragma}")
        connection.execute("begin")
        for table, columns in _SAID.items():
            for column in columns:
                connection.execute(f"update {table} set {column} = {_words(kind, column)}")
        connection.execute("delete from slices")
        connection.execute("update consensus set probability = null")
        connection.execute("commit")
        connection.execute("pragma journal_mode = wal")
    finally:
        connection.close()


def _words(kind: str, column: str) -> str:
    """In SQL, the answer that stands for a label."""
    if kind in _EACH:
        return _EACH[kind].format(said=column)
    pairs = zip(LABELS, _FEW[kind], strict=True)
    cases = " ".join(f"when '\"{label}\"' then '{value}'" for label, value in pairs)
    return f"case {column} {cases} end"
