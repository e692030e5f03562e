"""The schema: from nothing, from an earlier step, by several processes at once, from the future."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlite_utils import Database

from annotate.errors import WorkspaceError
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.store.engine import Row
from annotate.store.migrations import migrations
from annotate.store.rows import to_json
from annotate.store.sqlite import SqliteEngine
from annotate.store.steps import Steps
from tests import ready_schema
from tests.annotate.support.workers import in_processes, open_and_add
from tests.small import add_items, small_project, someone

STEPS = list(migrations.steps)


def schema(path: Path) -> dict[str, str]:
    engine = SqliteEngine(path)
    rows = list(engine.query("select name, sql from sqlite_master where sql is not null"))
    engine.close()
    return {row["name"]: row["sql"] for row in rows}


@pytest.fixture(autouse=True)
def _step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqliteEngine, "migrate", ready_schema.STEP_BY_STEP)


def with_one_more_step(*, failing: bool = False) -> Steps:
    """The steps there are, and one that is not written yet."""
    more = Steps("annotate")
    for name, step in migrations.steps.items():
        more(name=name)(step)

    def m999_notes(db: Database) -> None:
        db.conn.execute("create table notes (text text not null) strict")
        db.conn.execute("insert into notes select name from people")
        if failing:
            raise RuntimeError("the step broke")

    more()(m999_notes)
    return more


def test_steps_are_numbered_in_order() -> None:
    assert [int(name[1:4]) for name in STEPS] == list(range(1, len(STEPS) + 1))


def test_every_table_is_strict_and_refers_to_what_is_there(database: Path, store: Store) -> None:
    store.close()
    tables = {
        name: sql
        for name, sql in schema(database).items()
        if sql.casefold().startswith("create table")
        and not name.startswith(("_", "item_search_"))  # the index makes tables of its own
    }
    assert len(tables) >= 12
    assert [name for name, sql in tables.items() if not sql.casefold().endswith("strict")] == []
    engine = SqliteEngine(database)
    assert list(engine.query("pragma foreign_key_check")) == []
    engine.close()


def test_opening_again_changes_nothing(database: Path, store: Store, project: Project) -> None:
    add_items(store, project, 3)
    store.close()
    before = schema(database)
    with open_store(database) as again:
        assert again.items.count(project.project) == 3
    assert schema(database) == before


@pytest.mark.parametrize("stop", STEPS)
def test_from_each_earlier_step_to_the_newest(tmp_path: Path, stop: str) -> None:
    path = tmp_path / "early.db"
    early = SqliteEngine(path)
    with early.transaction():
        migrations.apply(Database(early._connection), stop_before=stop)
    early.close()
    with open_store(path) as store:
        someone(store, "Ann")
    open_store(tmp_path / "new.db").close()
    assert schema(path) == schema(tmp_path / "new.db")


def test_items_that_were_there_before_the_search_are_found(tmp_path: Path) -> None:
    path, project = tmp_path / "early.db", small_project()
    early = SqliteEngine(path)
    with early.transaction():
        migrations.apply(Database(early._connection), stop_before="m010_search")
    for name in ("a", project.project):
        early.insert("projects", [{"id": name, "created_at": name}])
    row = {
        "project": project.project, "content_hash": "", "metadata": "{}", "created_at": "",
    }  # fmt: skip
    for at, text in enumerate(["one 垃圾", "two", "three"]):
        fields = to_json({"text": text, "more": "end"})
        early.insert("items", [row | {"id": text, "position": at, "key": text, "fields": fields}])
    early.close()
    with open_store(path) as store:
        add_items(store, project, 2)
        texts = (["垃圾"], ["end"], ["hre"], ["mail"], ["nothing"])
        found = [store.search.positions(project.project, one).tolist() for one in texts]
        assert found == [[0], [0, 1, 2], [2], [3, 4], []]
        assert store.search.positions("a", ["end"]).tolist() == []


def test_a_new_step_keeps_the_rows(database: Path, store: Store) -> None:
    someone(store, "Ann")
    store.close()
    engine = SqliteEngine(database)
    engine.migrate(with_one_more_step())
    assert list(engine.query("select text from notes")) == [{"text": "Ann"}]
    engine.migrate(with_one_more_step())
    assert list(engine.query("select text from notes")) == [{"text": "Ann"}]
    engine.close()


def test_a_step_that_breaks_leaves_no_trace(database: Path, store: Store) -> None:
    someone(store, "Ann")
    store.close()
    before = schema(database)
    engine = SqliteEngine(database)
    with pytest.raises(RuntimeError, match="the step broke"):
        engine.migrate(with_one_more_step(failing=True))
    engine.close()
    assert schema(database) == before
    with open_store(database) as again:
        assert [person.name for person in again.people.all()] == ["Ann"]


def test_a_database_from_the_future_is_refused(database: Path, store: Store) -> None:
    store.close()
    engine = SqliteEngine(database)
    engine.migrate(with_one_more_step())
    engine.close()
    with pytest.raises(WorkspaceError) as caught:
        open_store(database)
    assert str(caught.value) == (
        f"{database} was used by a newer version of this program (m999_notes). "
        "Install that version, or choose another folder"
    )


def test_eight_processes_start_together(tmp_path: Path) -> None:
    path = tmp_path / "together.db"
    people = in_processes(8, open_and_add, [(path, f"person {at}") for at in range(8)])
    assert max(people) == 8
    engine = SqliteEngine(path)
    applied = list(engine.query("select name from _sqlite_migrations order by name"))
    engine.close()
    assert [row["name"] for row in applied] == STEPS


def test_the_schema_that_other_tests_begin_with_is_the_one_that_the_steps_make(
    tmp_path: Path,
) -> None:
    found = []
    for name, migrate in (("a", ready_schema.STEP_BY_STEP), ("b", ready_schema.migrate)):
        engine = SqliteEngine(tmp_path / name)
        migrate(engine, migrations)
        rows = engine.query("select type, name, tbl_name, sql from sqlite_master")
        found.append((list(rows), contents(engine), list(engine.query("pragma journal_mode"))))
        engine.close()
    assert len(found[0][0]) > 100
    assert found[0][2] == [{"journal_mode": "wal"}]
    assert found[0] == found[1]


def contents(engine: SqliteEngine) -> dict[str, list[Row]]:
    """Every row of every table that can be read; of the steps that were applied their names."""
    tables = engine.query(
        "select name from sqlite_master where type = 'table' and sql not like 'create virtual%'"
    )
    rows = {}
    for name in [str(table["name"]) for table in tables]:
        columns = "id, name, migration_set" if name == Steps.table else "*"
        rows[name] = list(engine.query(f"select {columns} from {name}"))
    return rows
