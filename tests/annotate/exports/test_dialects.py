"""Every export format: what any text comes to passes its own check, and comes back from the file;
what its trainer would not take is refused with the reason."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from annotate.exporters import DIALECTS, Dropped, ExportRow, Record
from annotate.exporters.forms import FORMS, Sheet
from annotate.training.protocol import MATERIALS, Vote
from tests.annotate.exports.materials import CLASSES, HARD, project_of, row_of, samples, texts

TABLES = [name for name, dialect in DIALECTS.items() if dialect.record is not None]
FOLDERS = [name for name in DIALECTS if name not in TABLES]
SETS = ("labels", "votes")
TRAINED = [name for name in TABLES if name.split("_")[0] not in SETS]

Path = tuple[str | int, ...]


def records(name: str, text: str, other: str) -> list[Record]:
    """The records of a dialect that hold these texts; there is one at least."""
    dialect = DIALECTS[name]
    assert dialect.record is not None
    found = [dialect.record(made) for made in samples(dialect.material, text, other)]
    good = [one for one in found if not isinstance(one, Dropped)]
    assert good, found
    return good


def passes_and_comes_back(name: str, found: list[Record], forms: Sequence[str]) -> None:
    dialect = DIALECTS[name]
    for record in found:
        assert dialect.check(record) is None
        if dialect.passport:
            assert dialect.check(record | {"meta": "{}"}) is None
    for form in forms:
        assert read_back(form, found) == found


@pytest.mark.parametrize("name", TABLES)
@given(said=st.lists(st.tuples(texts, texts), min_size=1, max_size=6))
@settings(max_examples=6)
@example(said=list(pairwise((*HARD, HARD[0]))))
def test_any_text_passes_and_comes_back(name: str, said: list[tuple[str, str]]) -> None:
    found = [record for text, other in said for record in records(name, text, other)]
    # the labelled set mixes types here: whatever keeps types has tests of its own for that
    forms = DIALECTS[name].forms if name in TRAINED else ("jsonl", "json")
    passes_and_comes_back(name, found, forms)


@pytest.mark.parametrize("name", TABLES)
def test_a_megabyte_passes_and_comes_back(name: str) -> None:
    text = "标" + "x" * 1_000_000 + " 🙂"
    passes_and_comes_back(name, records(name, text, text), DIALECTS[name].forms[:1])


def read_back(form: str, found: list[Record]) -> list[Record]:
    out = io.BytesIO()
    writer = FORMS[form].begin(out, Sheet(tuple(found[0])))
    writer.write(found)
    writer.close()
    data = out.getvalue()
    if form == "jsonl":
        lines = data.decode().splitlines()  # at every character that some reader ends a line at
        return [json.loads(line) for line in lines]
    if form == "json":
        return list(json.loads(data))
    if form == "parquet":
        return list(parquet.read_table(io.BytesIO(data)).to_pylist())
    if form == "text":
        blocks = data.decode().split("-DOCSTART- -X- -X- O\n")[1:]
        return [{"text": f"-DOCSTART- -X- -X- O\n{one.removesuffix(chr(10))}"} for one in blocks]
    raise AssertionError(f"nothing here reads {form}")


@pytest.mark.parametrize("name", TABLES)
def test_what_a_dialect_says_of_itself(name: str) -> None:
    dialect = DIALECTS[name]
    assert dialect.description
    assert dialect.material in MATERIALS
    assert dialect.read_by
    assert set(dialect.forms) <= set(FORMS)
    assert dialect.record is not None
    for made in samples(dialect.material, "a", "b"):
        record = dialect.record(made)
        row = made if isinstance(made, ExportRow) else made.row
        if not isinstance(record, Dropped):
            assert tuple(record) == dialect.columns(row.project)


TRACES = ("source", "model", "system_prompt", "messages", "type", "message", "payload", "version")


@pytest.mark.parametrize("name", TABLES)
def test_no_table_is_taken_for_what_an_agent_did(name: str) -> None:
    """`datasets` 5.2 asks for another package when it sees `system_prompt` beside a list of
    `messages`, or `type` beside a `message` or `payload` that is no text, or a whole `version`:
    an item's fields can have such names, and are texts."""
    dialect = DIALECTS[name]
    assert dialect.record is not None
    project = project_of(CLASSES, fields=TRACES)
    row = row_of(project, dict.fromkeys(TRACES, "x"), value="billing", people=["billing"])
    made = Vote(row, row.answers[0]) if dialect.material == "votes" else row
    found = [dialect.record(made)] if name not in TRAINED else records(name, "a", "b")
    for record in found:
        assert not isinstance(record, Dropped)
        if not {"system_prompt", "type"}.isdisjoint(record):
            assert {type(record[column]) for column in TRACES if column in record} == {str}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_are_made_of_tables(name: str) -> None:
    dialect = DIALECTS[name]
    assert dialect.parts
    assert dialect.description
    assert dialect.read_by
    for part in dialect.parts:
        assert part.form in DIALECTS[part.dialect].forms


RESERVED = (
    "text", "messages", "prompt", "completion", "chosen", "rejected", "label", "labels",
    "input_ids", "attention_mask", "seq_lengths", "image", "images", "margin", "tools",
    "chat_template_kwargs", "conversations", "id", "annotators",
)  # fmt: skip


@pytest.mark.parametrize("name", TRAINED)
def test_no_column_stands_beside_but_the_passport(name: str) -> None:
    """`labels` and `input_ids` are taken for tokens, `image` for a picture, `margin` for the loss,
    `prompt` and `completion` beside `messages` for another format."""
    [record, *_] = records(name, "a", "b")
    check = DIALECTS[name].check
    for column in RESERVED:
        if column not in record:
            assert check(record | {column: "x"}), column
            assert check(record | {column: None}), column
    for meta in (None, {}, 1):
        assert check(record | {"meta": meta}), "the passport is text"
    if not DIALECTS[name].passport:
        assert check(record | {"meta": "{}"})
    for column in record:
        assert check({key: value for key, value in record.items() if key != column}), column


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("wrong", [None, {}, 7.5, "\ud83d", " ", [[]]], ids=repr)
def test_no_wrong_value_passes_anywhere(name: str, wrong: object) -> None:
    for record in records(name, "a", "b"):
        for path in leaves(record):
            if not fine(path, wrong):
                assert DIALECTS[name].check(put(record, path, wrong)), path


def fine(path: Path, wrong: object) -> bool:
    """Whether the value is allowed there: blank data, numbers where there are any."""
    last = path[-1]
    if last in ("lead_time", "score"):
        return wrong in (None, 7.5)
    if wrong == " ":
        return "data" in path
    return wrong == 7.5 and last in ("margin", "score_chosen", "score_rejected")


def leaves(value: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, Mapping):
        for key, inside in value.items():
            yield from leaves(inside, (*path, key))
    elif isinstance(value, list):
        for at, inside in enumerate(value):
            yield from leaves(inside, (*path, at))
    else:
        yield path


def put(record: Record, path: Path, value: object) -> Record:
    changed: Any = deepcopy(record)
    inside = changed
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return changed  # type: ignore[no-any-return]
