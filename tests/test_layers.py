"""Which room may import what: read from the source with `ast`, nothing is run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("routing", "annotate", "app")
SQL = {"sqlite3", "sqlite_utils", "psycopg", "sqlalchemy"}
LLM = {"openai", "anthropic", "tokenizers", "safetensors", "httpx", "httpx2"}


def sources(*below: str) -> list[Path]:
    """The Python files in these folders, or these files, as paths from the root."""
    found: list[Path] = []
    for name in below:
        path = ROOT / name
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [path.relative_to(ROOT) for path in found]


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Every node of a file, read once for all tests."""
    return list(ast.walk(ast.parse((ROOT / path).read_text("utf-8"))))


@pytest.fixture(autouse=True, scope="module")
def _forget() -> Iterator[None]:
    yield
    nodes.cache_clear()


@cache
def imports(path: Path) -> list[str]:
    """Dotted names of everything a file imports, inside functions too."""
    found: list[str] = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def imported(path: Path, *packages: str) -> list[str]:
    """The imports of a file that are one of these packages or inside them."""
    return [
        f"{path}: {name}"
        for name in imports(path)
        for package in packages
        if name == package or name.startswith(f"{package}.")
    ]


def all_imported(below: list[Path], *packages: str) -> list[str]:
    return [found for path in below for found in imported(path, *packages)]


def without(paths: list[Path], *names: str) -> list[Path]:
    left = [path for path in paths if str(path) not in names]
    assert len(left) == len(paths) - len(names), f"{names} are not all there"
    return left


SCHEMA = sources("annotate/store/schema", "annotate/store/migrations.py")
"""The steps of the database."""


def test_routing_knows_nothing_of_ours() -> None:
    assert all_imported(sources("routing"), "annotate", "app", "tests") == []
    allowed = {"routing", "numpy", "scipy", "sklearn"}
    standard = sys.stdlib_module_names
    others = (
        {name.split(".")[0] for path in sources("routing") for name in imports(path)}
        - allowed
        - standard
    )
    assert others == set()


def test_annotate_knows_nothing_of_the_app() -> None:
    assert all_imported(sources("annotate"), "app", "streamlit", "starlette", "tests") == []


def test_the_app_does_not_import_tests() -> None:
    assert all_imported(sources("app"), "tests") == []


@pytest.mark.parametrize(
    "room", ["agreement", "questions", "consensus", "importers", "exporters", "card"]
)
def test_rooms_without_a_store(room: str) -> None:
    files = sources(f"annotate/{room}")
    assert files
    assert all_imported(files, "annotate.store", "annotate.workflow") == []


def test_agreement_is_arithmetic() -> None:
    files = sources("annotate/agreement")
    outside = {name for path in files for name in imports(path)} - {
        name for path in files for name in imports(path) if name.startswith("annotate.agreement")
    }
    assert {name.split(".")[0] for name in outside} <= {"numpy"} | sys.stdlib_module_names


def test_the_store_knows_nothing_of_the_verbs() -> None:
    files = sources("annotate/store")
    assert all_imported(files, "annotate.workflow", "annotate.llm", "annotate.project") == []


def test_where_sqlite_is_known() -> None:
    rest = without(
        sources(*ROOMS), "annotate/store/sqlite.py", "annotate/store/steps.py", *map(str, SCHEMA)
    )
    assert all_imported(rest, *SQL) == []
    ours = ("annotate.store.steps.Steps", "annotate.store.schema.")  # a step never changes
    found = [line.split(": ")[1] for line in all_imported(SCHEMA, "annotate", "sqlite3")]
    assert [name for name in found if not name.startswith(ours)] == []


def test_sql_is_written_in_the_store_alone() -> None:
    openings = ("select ", "insert into ", "update ", "delete from ", "create table ")
    found = [
        f"{path}:{node.lineno}"
        for path in sources(*ROOMS)
        if not path.is_relative_to("annotate/store")
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if node.value.lstrip().startswith(openings)
    ]
    assert found == []


def test_pages_import_no_database_and_no_model_library() -> None:
    files = sources("app/pages", "app/controls")
    assert files
    assert all_imported(files, *SQL, *LLM, "annotate.store.sqlite", "annotate.llm.providers") == []


def test_only_sqlite_speaks_its_dialect() -> None:
    """What other databases do not have stays out of the statements they will share."""
    words = ("json_extract", "strftime", "rowid", "insert or ignore", "insert or replace", "::")
    files = without(sources("annotate/store"), "annotate/store/sqlite.py", *map(str, SCHEMA))
    found = [
        f"{path}:{node.lineno}: {word}"
        for path in files
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in words
        if word in node.value.lower()
    ]
    assert found == []


def calls(path: Path, fits: Callable[[ast.AST], bool]) -> list[str]:
    return [f"{path}:{node.lineno}" for node in nodes(path) if fits(node)]  # type: ignore[attr-defined]


def test_nothing_prints_below_the_app() -> None:
    def prints(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"print", "input"}
        )

    assert [found for path in sources("annotate", "routing") for found in calls(path, prints)] == []


def test_the_environment_is_read_in_one_place() -> None:
    def reads(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"}

    # the server writes there what the pages it starts will read through app/config.py
    rest = without(sources(*ROOMS), "app/config.py", "app/server.py")
    assert [found for path in rest for found in calls(path, reads)] == []
    assert all_imported(rest, "os.environ", "os.getenv") == []


def test_time_and_chance_are_arguments() -> None:
    """Below the app nobody looks at the clock or draws from a generator all share."""
    clocks = {"now", "utcnow", "today", "uuid4", "uuid1"}

    def looks(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in clocks
        )

    files = sources("annotate", "routing")
    edge = Path("annotate/llm/providers")  # talks to servers, which name times of day
    inner = [path for path in files if not path.is_relative_to(edge)]
    assert [found for path in inner for found in calls(path, looks)] == []

    def draws_from_all(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "random"
            and node.attr != "Random"
        )

    assert [found for path in files for found in calls(path, draws_from_all)] == []


def _statements(path: Path) -> list[ast.stmt]:
    """The outermost statements of a file."""
    whole = nodes(path)[0]
    assert isinstance(whole, ast.Module)
    return whole.body


def test_pages_hold_no_bare_text() -> None:
    """Streamlit draws a text that stands alone in a page's file, but for the first one."""
    bare = [
        f"{path}:{node.lineno}"
        for path in [*sources("app/pages"), Path("app/main.py")]
        for node in _statements(path)[1:]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    assert bare == []
