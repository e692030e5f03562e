"""A workspace's database, opened for one thread and one page run or command."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

from annotate.store.columns import Columns
from annotate.store.engine import Engine
from annotate.store.history import History
from annotate.store.imported import Imported
from annotate.store.items import Items
from annotate.store.jobs import Jobs
from annotate.store.machine.batches import Batches
from annotate.store.machine.connections import Connections
from annotate.store.machine.prelabels import Prelabels
from annotate.store.machine.trials import Trials
from annotate.store.machine.vectors import Embeddings
from annotate.store.migrations import migrations
from annotate.store.openings import Openings
from annotate.store.pages import Pages
from annotate.store.persons.accounts import Accounts
from annotate.store.persons.attempts import FailedAttempts
from annotate.store.persons.invites import Invites
from annotate.store.persons.people import People
from annotate.store.persons.person_events import PersonEvents
from annotate.store.persons.sessions import Sessions
from annotate.store.persons.skills import Skills
from annotate.store.persons.team import Team
from annotate.store.persons.trainings import Trainings
from annotate.store.progress import Progress
from annotate.store.projects import Projects
from annotate.store.proposals import Proposals
from annotate.store.queue.annotations import Annotations
from annotate.store.queue.assignments import Assignments
from annotate.store.queue.checks import Checks
from annotate.store.queue.drafts import Drafts
from annotate.store.queue.flags import Flags
from annotate.store.queue.leases import Leases
from annotate.store.queue.operations import Operations
from annotate.store.search import Search
from annotate.store.snapshots import Snapshots
from annotate.store.sqlite import SqliteEngine
from annotate.store.standing.adjudications import Adjudications
from annotate.store.standing.audits import Audits
from annotate.store.standing.consensus import ConsensusRows
from annotate.store.standing.decisions import Decisions
from annotate.store.standing.promises import Promises
from annotate.store.standing.requeues import Requeues
from annotate.store.standing.slices import Slices
from annotate.store.versions import Versions


class Store:
    """The nouns, over one engine. Use as a context manager; opening takes about 1 ms."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.projects = Projects(engine)
        self.versions = Versions(engine)
        self.trials = Trials(engine)
        self.proposals = Proposals(engine)
        self.requeues = Requeues(engine)
        self.items = Items(engine)
        self.prelabels = Prelabels(engine)
        self.decisions = Decisions(engine)
        self.assignments = Assignments(engine)
        self.annotations = Annotations(engine)
        self.people = People(engine)
        self.progress = Progress(engine)
        self.history = History(engine)
        self.consensus = ConsensusRows(engine)
        self.jobs = Jobs(engine)
        self.connections = Connections(engine)
        self.embeddings = Embeddings(engine)
        self.promises = Promises(engine)
        self.audits = Audits(engine)
        self.batches = Batches(engine)
        self.leases = Leases(engine)
        self.operations = Operations(engine)
        self.drafts = Drafts(engine)
        self.trainings = Trainings(engine)
        self.skills = Skills(engine)
        self.openings = Openings(engine)
        self.checks = Checks(engine)
        self.columns = Columns(engine)
        self.pages = Pages(engine)
        self.person_events = PersonEvents(engine)
        self.team = Team(engine)
        self.flags = Flags(engine)
        self.accounts = Accounts(engine)
        self.search = Search(engine)
        self.sessions = Sessions(engine)
        self.slices = Slices(engine)
        self.snapshots = Snapshots(engine)
        self.invites = Invites(engine)
        self.attempts = FailedAttempts(engine)
        self.adjudications = Adjudications(engine)
        self.imported = Imported(engine)

    @property
    def place(self) -> str:
        """Where the database is: two stores of one place show the same data."""
        return self._engine.place

    @property
    def shared(self) -> bool:
        """Whether others may open the same database to write."""
        return bool(self.place) and self._engine.writes

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside happen together or not at all."""
        return self._engine.transaction()

    def attempt(self) -> AbstractContextManager[None]:
        """Inside a transaction: undo what happened here when it ends in an error, and no more."""
        return self._engine.savepoint()

    def snapshot(self) -> AbstractContextManager[None]:
        """Everything read inside is of one moment, however long it takes; nobody has to wait.

        Writing inside fails: what was decided on an old state must not be stored.
        """
        return self._engine.snapshot()

    def copy_to(self, path: Path) -> None:
        """Write the database of one moment into a new file; nobody has to wait meanwhile."""
        self._engine.copy_to(path)

    def leave_behind(self, *, now: str) -> None:
        """Take out of a copy what must not live twice: sessions, invitations, waiting work."""
        self._engine.wipe(("sessions", "invites", "attempts"))
        self.jobs.end_all("this is a copy: queue it again", now=now)

    def damage(self) -> str | None:
        """What is wrong with the database file; None when it is whole."""
        return self._engine.damage()

    def close(self) -> None:
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(path: Path | str, *, read_only: bool = False, mapped: bool = False) -> Store:
    """The store in a SQLite file, made or brought to the newest schema when needed.

    read_only: nothing is made, brought or written. mapped: for one long pass, see `SqliteEngine`.
    Raises WorkspaceError when the file cannot be used.
    """
    engine = SqliteEngine(path, read_only=read_only, mapped=mapped)
    try:
        engine.migrate(migrations)
    except BaseException:
        engine.close()
        raise
    return Store(engine)
