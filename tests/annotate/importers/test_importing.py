"""Rows -> items: once each, bad ones into the reject file, whatever stops the import."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from time import sleep
from typing import Any, TextIO

import pytest

from annotate.errors import AnnotateError, NotAllowed
from annotate.importers import Record, Reject
from annotate.model import Person
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.workflow.imports import importing
from annotate.workflow.imports.importing import ImportReport, import_items
from tests.annotate.support.workers import import_for_ever, import_records, in_processes, records
from tests.forking import forking
from tests.small import QUESTION, START, know, small_project, someone

OWN_IDS = small_project(**{"import": {"id": "id"}})
WITH_GOLD = small_project(**{"import": {"id": "id", "gold": {"mail": "truth"}}})


def rows(*values: dict[str, object]) -> list[Record]:
    """Rows on lines 1, 2, ..."""
    return [Record(line, each) for line, each in enumerate(values, start=1)]


def bring(
    store: Store,
    project: Project,
    given: Iterable[Record | Reject],
    lead: Person,
    rejects: TextIO | None = None,
) -> ImportReport:
    out = StringIO() if rejects is None else rejects
    return import_items(store, project, given, out, actor=lead, now=START)


def refused(store: Store, project: Project, lead: Person, *values: dict[str, object]) -> list[str]:
    """The reasons in the reject file."""
    out = StringIO()
    bring(store, project, rows(*values), lead, out)
    return [json.loads(line)["reason"] for line in out.getvalue().splitlines()]


def texts(store: Store) -> list[str]:
    return [item.fields["text"] for item in store.items.all("mails")]


# ---- once each


def test_the_same_rows_twice(store: Store, lead: Person) -> None:
    first = bring(store, OWN_IDS, records(5), lead)
    assert (first.added, first.already_there, first.rejected) == (5, 0, 0)
    second = bring(store, OWN_IDS, records(5), lead)
    assert (second.added, second.already_there, second.rejected) == (0, 5, 0)
    assert texts(store) == [f"mail {at}" for at in range(5)]


def test_a_part_of_the_rows_then_all(store: Store, lead: Person) -> None:
    bring(store, OWN_IDS, list(records(6))[3:], lead)
    report = bring(store, OWN_IDS, records(6), lead)
    assert (report.added, report.already_there) == (3, 3)
    assert texts(store) == [f"mail {at}" for at in (3, 4, 5, 0, 1, 2)]
    assert [item.position for item in store.items.all("mails")] == [0, 1, 2, 3, 4, 5]


def test_rows_without_ids_are_known_by_their_content(store: Store, lead: Person) -> None:
    given = rows({"text": "a", "by": "x"}, {"text": "b"}, {"text": "a", "by": "y"})
    report = bring(store, small_project(), given, lead)
    assert (report.added, report.already_there) == (2, 1)
    first, second = store.items.all("mails")
    assert (first.fields, first.metadata) == ({"text": "a"}, {"by": "x"})
    assert first.key == f"content:{first.content_hash}"
    assert (second.fields, second.metadata) == ({"text": "b"}, {})


def test_the_same_id_with_other_content(store: Store, lead: Person) -> None:
    bring(store, OWN_IDS, rows({"id": "a7", "text": "first"}), lead)
    reasons = refused(store, OWN_IDS, lead, {"id": "a7", "text": "second"})
    assert reasons == [
        "id 'a7' is already there with other content. Give the row its own id, or remove it"
    ]
    assert texts(store) == ["first"]


def test_the_same_id_twice_in_one_file(store: Store, lead: Person) -> None:
    given = rows({"id": 1, "text": "a"}, {"id": "1", "text": "b"}, {"id": 1, "text": "a"})
    report = bring(store, OWN_IDS, given, lead)
    assert (report.added, report.already_there, report.rejected) == (1, 1, 1)
    assert report.first_rejects[0].startswith("line 2: id '1' is already there")


def test_projects_do_not_share_items(store: Store, lead: Person) -> None:
    other = small_project(project="letters")
    know(store, other)
    assert bring(store, small_project(), rows({"text": "a"}), lead).added == 1
    assert bring(store, other, rows({"text": "a"}), lead).added == 1
    assert [item.position for item in store.items.all("letters")] == [0]


# ---- columns


def test_columns_are_mapped_and_the_rest_is_kept(store: Store, lead: Person) -> None:
    project = small_project(
        fields=["text", "from"],
        **{"import": {"id": "nr", "columns": {"text": "body"}, "gold": {"mail": "truth"}}},
    )
    row = {"nr": 7, "body": "Buy!", "from": "x@y", "truth": "spam", "tags": ["t", {"n": None}]}
    assert bring(store, project, rows(row), lead).added == 1
    [item] = store.items.all("mails")
    assert item.fields == {"text": "Buy!", "from": "x@y"}
    assert item.metadata == {"tags": ["t", {"n": None}]}
    assert item.key == "id:7"
    assert store.items.gold("mails", QUESTION) == {item.id: "spam"}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"columns": {"text": "body"}}, "'body'"),
        ({"id": "nr"}, "'nr'"),
        ({"id": "nr", "columns": {"text": "body"}}, "'body', 'nr'"),
    ],
)
def test_a_mapped_column_that_is_not_there(
    store: Store, lead: Person, settings: dict[str, Any], missing: str
) -> None:
    project = small_project(**{"import": settings})
    with pytest.raises(AnnotateError) as caught:
        bring(store, project, [Reject(1, "bad", ""), Record(2, {"text": "a", "x": "b"})], lead)
    assert str(caught.value) == (
        f"line 2 has no column {missing}; it has 'text', 'x'. Name the right columns in the "
        "project file under `import:`, or with --column FIELD=COLUMN and --id COLUMN"
    )
    assert store.items.count("mails") == 0


def test_a_column_that_later_rows_lack_rejects_them(store: Store, lead: Person) -> None:
    reasons = refused(store, small_project(), lead, {"text": "a"}, {"other": "b"})
    assert reasons == ["column 'text' (field text) is missing. Fill it or remove the row"]
    assert texts(store) == ["a"]


ELSE_JSON = "A field holds text, or JSON where the project file says `show: chat` or `show: pairs`"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "column 'text' (field text) is missing. Fill it or remove the row"),
        (["a"], "column 'text' (field text) is a list. " + ELSE_JSON),
        ({"a": 1}, "column 'text' (field text) is an object. " + ELSE_JSON),
        ("", "every field is empty. Remove the row"),
        (" \n\t", "every field is empty. Remove the row"),
        (
            "x" * 1_001,
            "column 'text' (field text) has 1,001 characters; the limit is 1,000. "
            "Shorten it or raise `import.max_chars`",
        ),
    ],
)
def test_what_no_field_holds(store: Store, lead: Person, value: object, reason: str) -> None:
    project = small_project(**{"import": {"max_chars": 1_000}})
    assert refused(store, project, lead, {"text": value}, {"text": "ok"}) == [reason]
    assert texts(store) == ["ok"]


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (7, "7"), (1.5, "1.5"), ("x" * 1_000, "x" * 1_000)]
)
def test_what_becomes_text(store: Store, lead: Person, value: object, text: str) -> None:
    project = small_project(**{"import": {"max_chars": 1_000}})
    assert refused(store, project, lead, {"text": value}) == []
    assert texts(store) == [text]


@pytest.mark.parametrize("value", [None, "", True, 1.5, ["x"]])
def test_what_is_no_id(store: Store, lead: Person, value: object) -> None:
    [reason] = refused(store, OWN_IDS, lead, {"id": value, "text": "a"})
    assert reason == f"id column 'id' holds {value!r}. An id is text or a whole number"


def test_a_huge_bad_id_is_shown_in_short(store: Store, lead: Person) -> None:
    [reason] = refused(store, OWN_IDS, lead, {"id": ["x" * 1000], "text": "a"})
    assert reason.startswith("id column 'id' holds ['xxx")
    assert len(reason) < 200


# ---- known answers


def test_gold_that_is_no_answer_rejects_the_row(store: Store, lead: Person) -> None:
    bad = {"id": 1, "text": "a", "truth": "eggs"}
    assert refused(store, WITH_GOLD, lead, bad, {"id": 2, "text": "b", "truth": ""}) == [
        "column 'truth' (gold of mail): single_label: 'eggs' is not one of spam, ham. "
        "Correct it or leave it empty"
    ]
    assert texts(store) == ["b"]
    assert store.items.gold("mails", QUESTION) == {}


def test_gold_of_a_rejected_row_is_not_taken(store: Store, lead: Person) -> None:
    given = rows({"id": 1, "text": "a"}, {"id": 1, "text": "another", "truth": "spam"})
    report = bring(store, WITH_GOLD, given, lead)
    assert (report.added, report.rejected) == (1, 1)
    assert store.items.gold("mails", QUESTION) == {}


def test_gold_may_come_later_and_then_stays(store: Store, lead: Person) -> None:
    bring(store, WITH_GOLD, rows({"id": 1, "text": "a", "truth": None}), lead)
    assert store.items.gold("mails", QUESTION) == {}
    for truth in ("spam", "ham"):
        report = bring(store, WITH_GOLD, rows({"id": 1, "text": "a", "truth": truth}), lead)
        assert report.already_there == 1
    assert list(store.items.gold("mails", QUESTION).values()) == ["spam"]


# ---- rejects and rights


def test_the_reject_file_is_json_lines(store: Store, lead: Person) -> None:
    out = StringIO()
    given: list[Record | Reject] = [
        Reject(3, "not JSON", '{"a": \u2028 "标"'),
        Record(4, {"text": "ok"}),
        Record(9, {"text": None, "by": "标\n\x00"}),
    ]
    report = bring(store, small_project(), given, lead, out)
    assert [json.loads(line) for line in out.getvalue().split("\n")[:-1]] == [
        {"line": 3, "reason": "not JSON", "row": '{"a": \u2028 "标"'},
        {
            "line": 9,
            "reason": "column 'text' (field text) is missing. Fill it or remove the row",
            "row": {"text": None, "by": "标\n\x00"},
        },
    ]
    assert (report.added, report.rejected) == (1, 2)
    assert report.first_rejects[0] == "line 3: not JSON"


def test_the_report_shows_five_rejects(store: Store, lead: Person) -> None:
    report = bring(store, small_project(), [Reject(at, "bad", "") for at in range(1, 9)], lead)
    assert report.rejected == 8
    assert report.first_rejects == [f"line {at}: bad" for at in range(1, 6)]


def test_annotators_may_not_import(store: Store) -> None:
    with pytest.raises(NotAllowed, match="Ann is annotator and may not import: ask a lead or"):
        bring(store, small_project(), rows({"text": "a"}), someone(store, "Ann"))


def test_progress_is_told_every_thousand_rows(store: Store, lead: Person) -> None:
    seen: list[int] = []
    import_items(
        store, OWN_IDS, records(2_500), StringIO(), actor=lead, now=START, on_row=seen.append
    )
    assert seen == [1000, 2000]


# ---- stops, neighbours, size


def test_rows_that_break_off_keep_what_came_before(
    store: Store, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)

    def cut_off() -> Iterator[Record]:
        yield from list(records(25))
        raise AnnotateError("the file is cut off")

    with pytest.raises(AnnotateError, match="cut off"):
        bring(store, OWN_IDS, cut_off(), lead)
    assert texts(store) == [f"mail {at}" for at in range(20)]
    assert bring(store, OWN_IDS, records(30), lead).added == 10


def test_another_import_between_two_batches(
    store: Store, database: Path, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)

    def interrupted() -> Iterator[Record]:
        yield from list(records(20))[:10]
        with open_store(database) as other:
            bring(other, OWN_IDS, list(records(25))[20:], lead)
        yield from list(records(20))[10:]

    report = bring(store, OWN_IDS, interrupted(), lead)
    assert (report.added, report.already_there) == (20, 0)
    order = [*range(10), *range(20, 25), *range(10, 20)]
    assert texts(store) == [f"mail {at}" for at in order]
    assert [item.position for item in store.items.all("mails")] == list(range(25))


def test_two_imports_at_the_same_time(database: Path, store: Store) -> None:
    store.close()
    count = 4_000
    first, second = in_processes(2, import_records, [(database, count)] * 2)
    assert first[0] + second[0] == count
    assert first[1] + second[1] == count
    assert first[2] + second[2] == 0
    with open_store(database) as again:
        items = list(again.items.all("mails"))
    assert {item.fields["text"] for item in items} == {f"mail {at}" for at in range(count)}
    assert [item.position for item in items] == list(range(count))


def test_an_import_killed_at_any_moment_can_be_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 50)  # import_records sets it here too
    count, rng, early = 3_000, random.Random(7), 0
    context = forking()
    path = tmp_path / "kill.db"
    with open_store(path) as store:
        know(store, OWN_IDS)
    for _ in range(10):
        started = path.with_suffix(".started")
        started.unlink(missing_ok=True)
        process = context.Process(target=import_for_ever, args=(path, count))
        process.start()
        while not started.exists():
            sleep(0.001)
        sleep(rng.uniform(0, 0.06))
        process.kill()
        process.join()
        with open_store(path) as store:
            stored = texts(store)
        early += len(stored) < count
        assert stored == [f"mail {at}" for at in range(len(stored))]
    assert early > 0
    added, there, rejected = import_records(path, count)
    assert (added + there, rejected) == (count, 0)
    with open_store(path) as store:
        items = list(store.items.all("mails"))
    assert [item.fields["text"] for item in items] == [f"mail {at}" for at in range(count)]
    assert [item.position for item in items] == list(range(count))


def peak_bytes(store: Store, lead: Person, given: Iterator[Record]) -> int:
    tracemalloc.start()
    try:
        bring(store, OWN_IDS, given, lead)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows(
    store: Store, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    small = peak_bytes(store, lead, records(200))
    large = peak_bytes(store, lead, records(2_000))
    assert large < 1.5 * small
    assert store.items.count("mails") == 2_000


def test_memory_is_bounded_by_text_when_rows_are_long(
    store: Store, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not a field counts too."""
    monkeypatch.setattr(importing, "MAX_BATCH_CHARS", 1_000_000)
    long = (
        Record(at + 1, {"id": at, "text": "t", "page": [{"html": f"{at}" + "x" * 100_000}]})
        for at in range(100)
    )
    assert peak_bytes(store, lead, long) < 6_000_000
    assert store.items.count("mails") == 100
