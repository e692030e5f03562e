"""Projects and every version of their files that was ever used."""

from __future__ import annotations

from annotate.store.engine import Engine


class Projects:
    """Append-only: the version in force is the newest one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, project: str, *, text: str, hash: str, now: str) -> None:
        """Note that this text is in use; a text seen before is not stored again."""
        row = {"id": project, "created_at": now}
        version = {"project": project, "hash": hash, "text": text, "created_at": now}
        with self._engine.transaction():
            self._engine.insert("projects", [row], on_conflict="ignore")
            self._engine.insert("project_versions", [version], on_conflict="ignore")

    def known(self, project: str, hash: str) -> bool:
        """Whether this version has been recorded: saves the write lock on every command."""
        sql = "select 1 as one from project_versions where project = :project and hash = :hash"
        return any(True for _ in self._engine.query(sql, {"project": project, "hash": hash}))

    def data_version(self, project: str) -> int:
        """A number that grows with every item, answer, retraction, adjudication, finished
        prelabel and routing.

        Two times the same number is two times the same data. Triggers keep it: see `data_versions`
        in the schema; what else people or machines come to say gets a trigger of its own.
        """
        sql = """
            select coalesce((select version from data_versions where project = :project), 0)
              + coalesce((select max(position) + 1 from items where project = :project), 0) as n"""
        return int(next(self._engine.query(sql, {"project": project}))["n"])

    def newest(self, project: str) -> str:
        """Hash of the version in force, which may be an old text that was restored; empty before
        any was recorded."""
        sql = """
            select coalesce(
              (select hash from project_changes where project = :project
               order by number desc limit 1),
              (select hash from project_versions where project = :project
               order by created_at desc, hash limit 1), '') as hash"""
        return str(next(self._engine.query(sql, {"project": project}))["hash"])
