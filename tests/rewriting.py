"""The test files, compiled as pytest reads them: asserts say what they compared. Each of several
workers that start together would do this for itself, which takes longer than to import it all."""

from __future__ import annotations

import ast
from concurrent.futures import ProcessPoolExecutor
from importlib.util import source_hash
from pathlib import Path

from _pytest.assertion import rewrite


def compiled(path: Path) -> None:
    """Write what pytest would write beside this file, unless it is there."""
    written = rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}"
    if rewrite._read_pyc(path, written) is not None:
        return
    source = path.read_bytes()
    tree = ast.parse(source, str(path))
    rewrite.rewrite_asserts(tree, source, str(path))
    code = compile(tree, str(path), "exec", dont_inherit=True)
    written.parent.mkdir(exist_ok=True)
    with written.open("wb") as file:
        rewrite._write_pyc_fp(file, source_hash(source), code)


def main() -> None:
    folder = Path(__file__).parent
    paths = [*folder.rglob("test_*.py"), *folder.rglob("conftest.py")]
    with ProcessPoolExecutor() as processes:
        list(processes.map(compiled, paths, chunksize=8))


if __name__ == "__main__":
    main()
