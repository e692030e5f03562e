"""The engine's verbs, transactions under a second writer, files that cannot be used, rows."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import annotate.store
from annotate.clock import iso
from annotate.errors import Busy, WorkspaceError
from annotate.model import Annotation
from annotate.project import Project
from annotate.store import Store, open_store, sqlite
from annotate.store.rows import from_json, to_json
from annotate.store.sqlite import SqliteEngine
from tests.forking import forking
from tests.small import QUESTION, START, add_items, add_slots, item, machine_says, someone


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[SqliteEngine]:
    opened = SqliteEngine(tmp_path / "plain.db")
    opened.execute("create table t (id integer primary key, name text not null) strict")
    yield opened
    opened.close()


def names(engine: SqliteEngine) -> list[str]:
    return [row["name"] for row in engine.query("select name from t order by id")]


# ---- verbs


def test_query_and_execute(engine: SqliteEngine) -> None:
    assert engine.execute("insert into t values (1, :name)", {"name": "a"}) == 1
    assert list(engine.query("select id, name from t")) == [{"id": 1, "name": "a"}]
    assert engine.execute("update t set name = 'b'") == 1
    assert engine.execute("update t set name = 'c' where id = 7") == 0
    assert list(engine.query("update t set name = 'd' returning name")) == [{"name": "d"}]
    assert engine.for_claim == ""


def test_insert_tells_how_many_went_in(engine: SqliteEngine) -> None:
    assert engine.insert("t", []) == 0
    rows = [{"id": at, "name": f"n{at}"} for at in range(3)]
    assert engine.insert("t", iter(rows)) == 3
    assert engine.insert("t", [*rows, {"id": 9, "name": "new"}], on_conflict="ignore") == 1
    assert names(engine) == ["n0", "n1", "n2", "new"]


def test_insert_is_all_or_nothing(engine: SqliteEngine) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        engine.insert("t", [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}])
    assert names(engine) == []


def test_our_own_mistakes_are_not_dressed_up(engine: SqliteEngine) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table: nowhere") as caught:
        engine.execute("delete from nowhere")
    assert caught.value.__cause__ is None


# ---- transactions


def test_every_commit_is_on_the_disk_before_it_returns(engine: SqliteEngine) -> None:
    for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
        assert list(engine.query(f"pragma {pragma}")) == [{pragma: value}]


def test_a_transaction_is_undone_by_an_error(engine: SqliteEngine) -> None:
    def add_then_fail() -> None:
        with engine.transaction():
            engine.insert("t", [{"id": 1, "name": "a"}])
            assert names(engine) == ["a"]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_then_fail()
    assert names(engine) == []
    engine.insert("t", [{"id": 1, "name": "b"}])
    assert names(engine) == ["b"]


def test_an_inner_transaction_joins_the_outer_one(engine: SqliteEngine) -> None:
    def add_inside_then_fail() -> None:
        with engine.transaction():
            with engine.transaction():
                engine.insert("t", [{"id": 1, "name": "inner"}])
            assert names(engine) == ["inner"]
            raise ValueError("outer")

    with pytest.raises(ValueError, match="outer"):
        add_inside_then_fail()
    assert names(engine) == []


def test_reading_then_writing_works_beside_a_second_writer(engine: SqliteEngine) -> None:
    """A deferred transaction fails here at its first write, however long it would wait."""
    engine.insert("t", [{"id": 1, "name": "0"}])
    rounds = 100

    def count_up() -> None:
        other = SqliteEngine(engine.path)
        for _ in range(rounds):
            with other.transaction():
                number = int(names(other)[0])
                other.execute("update t set name = :name", {"name": str(number + 1)})
        other.close()

    threads = [threading.Thread(target=count_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(engine) == [str(2 * rounds)]


def test_the_write_lock_is_taken_at_the_start(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.05)
    second = SqliteEngine(engine.path)
    with engine.transaction():
        assert names(second) == []  # readers never wait
        with pytest.raises(Busy, match=re.escape(f"{engine.path}: another program")):
            second.transaction().__enter__()
    with second.transaction():
        second.insert("t", [{"id": 1, "name": "a"}])
    second.close()
    assert names(engine) == ["a"]


def test_a_file_without_a_log_is_waited_for(tmp_path: Path) -> None:
    """As two that open a new database at once: SQLite itself gives up in a millisecond."""
    path = tmp_path / "new.db"
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    first.execute("begin immediate")
    release = threading.Timer(0.1, first.rollback)
    release.start()
    second = SqliteEngine(path)
    assert list(second.query("pragma journal_mode")) == [{"journal_mode": "wal"}]
    assert list(second.query("pragma busy_timeout")) == [{"timeout": sqlite.BUSY_TIMEOUT_S * 1000}]
    second.close()
    release.join()
    first.close()


def test_what_was_committed_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "kill.db"
    SqliteEngine(path).execute("create table t (id integer primary key, name text) strict")
    process = get_context("spawn").Process(target=commit_for_ever, args=(path,))
    process.start()
    seen = path.with_suffix(".seen")
    while not seen.exists() or seen.stat().st_size < 20:
        sleep(0.01)
    process.kill()
    process.join()
    acknowledged = len(seen.read_bytes())
    engine = SqliteEngine(path)
    stored = len(names(engine))
    assert acknowledged <= stored <= acknowledged + 1
    assert list(engine.query("pragma integrity_check")) == [{"integrity_check": "ok"}]
    engine.close()


def commit_for_ever(path: Path) -> None:
    """Commit one row at a time; a byte in `.seen` for each that was acknowledged."""
    engine = SqliteEngine(path)
    with path.with_suffix(".seen").open("ab", buffering=0) as seen:
        while True:
            engine.execute("insert into t (name) values ('x')")
            seen.write(b".")


# ---- files that cannot be used


def refusal(path: Path) -> str:
    with pytest.raises(WorkspaceError) as caught:
        open_store(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    return message.removeprefix(str(path))


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("These are my notes. " * 200)
    assert refusal(path) == (
        " is damaged or is no database of this program (file is not a database). "
        "Restore a backup, or choose another folder"
    )
    assert path.read_text().startswith("These are my notes.")


def test_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("create table projects (name text)")
    other.close()
    assert refusal(path).startswith(" is damaged or is no database of this program (")


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    assert refusal(tmp_path / "folder.db") == (
        " cannot be used (unable to open database file). "
        "Check the folder's rights and the space on the disk"
    )
    assert refusal(tmp_path / "nowhere" / "a.db").startswith(" cannot be used (unable to open")


def test_a_damaged_database(database: Path, store: Store, project: Project) -> None:
    add_items(store, project, 2_000)
    store.close()
    with database.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xa5" * 60 * 4096)
    with (
        pytest.raises(WorkspaceError, match=r"is damaged .* Restore a backup"),
        open_store(database) as damaged,
    ):
        list(damaged.items.all(project.project))


def test_a_full_disk(store: Store, project: Project) -> None:
    [row] = store._engine.query("pragma page_count")
    store._engine.execute(f"pragma max_page_count = {row['page_count'] + 5}")
    with pytest.raises(WorkspaceError, match=r"cannot be used \(database or disk is full\)"):
        add_items(store, project, 5_000)
    assert store.items.count(project.project) == 0


def test_a_folder_one_may_not_write_to() -> None:
    """As another user, because none of this stops root."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        open_store(folder / "there.db").close()
        (folder / "there.db").chmod(0o444)
        folder.chmod(0o555)
        context = forking()
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=open_without_rights, args=(folder, sender))
        process.start()
        sender.close()
        there, new = receiver.recv()
        process.join()
        folder.chmod(0o755)
    rights = "Check the folder's rights and the space on the disk"
    assert there == (
        f"{folder / 'there.db'} cannot be used (attempt to write a readonly database). {rights}"
    )
    assert new == f"{folder / 'new.db'} cannot be used (unable to open database file). {rights}"


def open_without_rights(folder: Path, sender: Connection) -> None:
    """Send what opening raises, for a database that is there and for a new one."""
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    said = []
    for name in ("there.db", "new.db"):
        try:
            someone(open_store(folder / name), "Ann")
            said.append("opened")
        except WorkspaceError as error:
            said.append(str(error))
    sender.send(said)


# ---- rows

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=6,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(VALUES)
def test_any_value_comes_back_from_json(value: object) -> None:
    text = to_json(value)
    assert from_json(text) == value
    assert to_json(from_json(text)) == text
    assert "\n" not in text


@given(text=TEXT, value=VALUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_from_the_database(
    store: Store, project: Project, text: str, value: object
) -> None:
    at = store.items.next_position(project.project)
    plain = item(project, at)
    whole = replace(plain, key=f"{at}{text}", fields={"text": text}, metadata={"any": value})
    assert store.items.add([whole]) == 1
    assert store.items.get(whole.id) == whole


def test_a_person_and_an_answer_come_back(store: Store, project: Project) -> None:
    odd = "NUL \0, 标签, 👩‍👩‍👧, \u2028, \ue000, e\u0301"
    ann = someone(store, "  Ann\t 安  ")
    assert store.people.named("Ann 安") == ann
    [item_id] = add_items(store, project, 1)
    add_slots(store, project, [item_id])
    [slot] = store._engine.query("select id from assignments")
    annotation = Annotation(
        id="a1",
        project=project.project,
        item_id=item_id,
        question=QUESTION,
        assignment_id=slot["id"],
        person_id=ann.id,
        kind="answer",
        value={"label": odd},
        note=odd,
        shown_prelabel=None,
        seconds=1.5,
        created_at=iso(START),
        undone_at=None,
        exposure={"mode": "blind", "note": odd},
        op_id="o1",
    )
    assert store.annotations.add(annotation)
    assert not store.annotations.add(replace(annotation, value="other"))
    assert store.annotations.get("a1") == annotation


# ---- what was said is never rewritten


def test_no_statement_rewrites_what_was_said() -> None:
    folder = Path(annotate.store.__file__).parent
    source = " ".join(path.read_text("utf-8") for path in sorted(folder.rglob("*.py")))
    rewriting = r"\b(?:update|delete\s+from)\s+(\w+)"
    changed = set(re.findall(rewriting, source)) - {"set"}
    assert changed & {"annotations", "retractions", "prelabels", "decisions", "items", "gold"} == (
        set()
    )
    assert {"assignments", "rounds"} <= changed


def test_a_repeated_call_leaves_the_first_answer(store: Store, project: Project) -> None:
    [item_id] = add_items(store, project, 1)
    machine_says(store, project, {item_id: ["spam"]})
    [first] = store.prelabels.current(project.project, QUESTION)
    assert store.prelabels.add([replace(first, value="ham")]) == 0
    assert list(store.prelabels.current(project.project, QUESTION)) == [first]


def test_references_are_checked(store: Store, project: Project) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        store.items.add([replace(item(project, 0), project="unknown")])


def add_orphan(engine: SqliteEngine) -> None:
    with engine.transaction():
        engine.execute("pragma defer_foreign_keys = on")  # looked at when committing
        engine.execute("insert into child (of) values (7)")


def test_a_commit_that_fails_leaves_nothing_open(engine: SqliteEngine) -> None:
    engine.execute("create table child (of integer references t(id)) strict")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        add_orphan(engine)
    with engine.transaction():
        engine.execute("insert into t (name) values ('a')")
    assert list(engine.query("select * from child")) == []
    with sqlite3.connect(engine.path) as other:
        assert other.execute("select name from t").fetchall() == [("a",)]
    other.close()
