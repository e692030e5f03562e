"""What an export format is: how one material becomes records of a trainer's dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from annotate.exporters.protocol import Dropped, Record
from annotate.project import Project
from annotate.training.protocol import Made
from routing.registry import Registry


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a folder. name: of its subfolder or file. dialect: which one writes it.
    question: whose rows alone are in it; "": those of all that are exported."""

    name: str
    dialect: str
    form: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """One file that was written. path: inside the folder, with /. split: "" when not split.

    columns: of its records. labels: column -> its classes, where a column holds a class.
    """

    part: Part
    path: str
    split: str
    rows: int
    columns: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]


Beside: TypeAlias = Callable[[Project, Sequence[WrittenPart]], Mapping[str, str]]
"""Path inside the folder -> text of a file that says how the others are read."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One export format, in plain functions.

    material: a name in MATERIALS. columns: of a record, in order, for this project, without `meta`,
    which the passport adds. record: what one made thing comes to. check: why its trainer would not
    take a record, or would take it for something else; None: it is good. forms: names in FORMS, the
    usual one first; the suffix of the file chooses. read_by: who loads it unchanged. calls: whether
    it needs the model's single calls; votes: whether what they come to; consensus: whether what the
    consensus stands by. note: what whoever chooses it must know. labels: column -> classes, types:
    column -> str, int, float or bool where all rows may be without a value: for forms that keep
    types. parts, beside: of a dialect that is a folder; it has no record of its own. each_question:
    whether every question has these parts to itself. card: whether its README.md goes on with the
    data card. passport: whether the column `meta` may stand beside. joined: the record of an item
    so far and that of its next question -> one of both, where an item is one record whatever is
    asked of it.
    """

    description: str
    material: str = ""
    columns: Callable[[Project], tuple[str, ...]] = lambda project: ()
    record: Callable[[Made], Record | Dropped] | None = None
    check: Callable[[Mapping[str, object]], str | None] = lambda record: None
    forms: tuple[str, ...] = ("jsonl",)
    read_by: tuple[str, ...] = ()
    calls: bool = False
    votes: bool = False
    consensus: bool = False
    note: str = ""
    labels: Callable[[Project], Mapping[str, tuple[str, ...]]] = lambda project: {}
    types: Mapping[str, type] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    each_question: bool = False
    beside: Beside = lambda project, written: {}
    passport: bool = True
    card: bool = False
    joined: Callable[[Record, Record], Record] | None = None


DIALECTS: Registry[Dialect] = Registry("export format")
