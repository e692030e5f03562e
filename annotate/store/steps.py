"""A database's schema as a list of steps, and what applies them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sqlite_utils import Database

Step: TypeAlias = "Callable[[Database], None]"


class Steps:
    """The steps of one database, by name, in the order in which they are to be applied.

    sqlite-utils, which applies them, is imported for a database that lacks one: it brings pandas
    along, half a second that nobody else has to wait for.
    """

    table = "_sqlite_migrations"
    """Where sqlite-utils keeps the names of what was applied, each with its `migration_set`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: dict[str, Step] = {}

    def __call__(self, *, name: str | None = None) -> Callable[[Step], Step]:
        """Add a step, under its function's name unless another is given."""

        def add(step: Step) -> Step:
            self.steps[name or step.__name__] = step
            return step

        return add

    def apply(self, database: Database, *, stop_before: str | None = None) -> None:
        """Apply what the database lacks, up to a step."""
        from sqlite_utils import Migrations

        whole = Migrations(self.name)
        for name, step in self.steps.items():
            whole(name=name)(step)
        whole.apply(database, stop_before=stop_before)
