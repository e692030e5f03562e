"""Every vote, for who publishes them: people under a pseudonym, without their notes."""

from __future__ import annotations

from annotate.exporters import votes
from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.protocol import Answer, Dropped, Record
from annotate.hashing import digest
from annotate.project import Project
from annotate.training.protocol import Made, Vote


def columns(project: Project) -> tuple[str, ...]:
    """As of `votes`, without `note`."""
    return tuple(name for name in votes.columns(project) if name != "note")


def record(made: Made) -> Record | Dropped:
    """As of `votes`; a person's `voter` is a pseudonym, the same for all they said here."""
    assert isinstance(made, Vote)
    found = votes.record(made)
    if isinstance(found, Dropped):
        return found
    del found["note"]
    if isinstance(made.said, Answer):
        found["voter"] = pseudonym(made.row.project.project, made.said.annotation.person_id)
    return found


def pseudonym(project: str, person_id: str) -> str:
    """
    >>> pseudonym("topics", "1f0a")
    'person-9c2db4fc'
    """
    return f"person-{digest('pseudonym', project, person_id, size=4)}"


DIALECTS.add(
    "votes_pseudonymous",
    Dialect(
        "every vote, people under pseudonyms and without their notes",
        material="votes",
        columns=columns,
        record=record,
        check=votes.check,
        forms=("jsonl", "csv", "parquet", "json"),
        read_by=("pandas", "Polars", "datasets", "spreadsheets"),
        calls=True,
        note="A pseudonym is computed from project and person: whoever knows both can tell whose "
        "it is.",
        types={"confidence": float, "blind": bool, "sample": int, "seconds": float},
        passport=False,
    ),
)
