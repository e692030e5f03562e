"""What waits for a lead: flags, answers that could not be taken, training and skills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from annotate.clock import iso
from annotate.errors import AnnotateError, NotFound
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.store.persons.trainings import Training
from annotate.store.queue.checks import Score
from annotate.store.queue.flags import Flagged
from annotate.store.queue.operations import Operation
from annotate.workflow.labelling.checking import note_training
from annotate.workflow.labelling.seat import Seat
from annotate.workspace import require_item


@dataclass(frozen=True, slots=True)
class Attention:
    """names: person id -> name. keys: item id -> the user's own id. kept: what was sent and could
    not be done, newest first, up to 1,000. gold: how people answer items with a known answer."""

    flags: list[Flagged]
    kept: list[Operation]
    failed: list[Training]
    gold: list[Score]
    names: Mapping[str, str]
    keys: Mapping[str, str]

    def lines(self) -> list[str]:
        """What there is, in a few words each; empty when nothing waits.

        >>> Attention([], [], [], [Score("p", 3, 4, 3)], {"p": "Ann"}, {}).lines()
        ['known answers: Ann 3 of 4 right']
        """
        found = []
        if self.flags:
            found.append(f"flags: {len(self.flags):,} that nobody has seen to")
        if self.kept:
            found.append(
                f"not taken: {len(self.kept):,} answers or changes, kept as they were sent"
            )
        if self.failed:
            names = ", ".join(self.names[one.person_id] for one in self.failed)
            found.append(f"training: {names} did not pass")
        if self.gold:
            told = [f"{self.names[o.person_id]} {o.correct:,} of {o.asked:,}" for o in self.gold]
            found.append(f"known answers: {', '.join(told)} right")
        return found


def attention(store: Store, project: Project, *, actor: Person) -> Attention:
    """Everything that waits for a lead of this project. Raises NotAllowed."""
    require(actor, "review")
    flags, kept = store.flags.open(project.project), store.operations.kept(project.project)
    item_ids = {one.item_id for one in flags} | {one.item_id for one in kept}
    items = store.items.several(sorted(item_ids))
    standing = store.trainings.standing(project.project)
    return Attention(
        flags=flags,
        kept=kept,
        failed=[one for one in standing if one.result == "failed"],
        gold=store.checks.scores(project.project, "gold"),
        names={person.id: person.name for person in store.people.all()},
        keys={item.id: item.key.removeprefix("id:") for item in items.values()},
    )


def close_flags(
    store: Store, project: Project, reference: str, *, actor: Person, now: datetime
) -> int:
    """The flags of the item with this id, or this id of the user's own, are seen to; how many.

    Raises NotAllowed, and NotFound.
    """
    require(actor, "lead people")
    item = require_item(store, project, reference)
    return store.flags.close(project.project, item.id, by=actor.name, now=iso(now))


def give_skills(
    store: Store,
    name: str,
    skills: Iterable[str],
    *,
    actor: Person,
    now: datetime,
    reason: str | None = None,
) -> tuple[str, ...]:
    """The person of this name has these skills from now on, and no others; a change is recorded.

    Raises NotAllowed, NotFound, and AnnotateError for a skill that is empty or too long.
    """
    require(actor, "lead people")
    cleaned = [skill.strip() for skill in skills]
    for skill in cleaned:
        if not 1 <= len(skill) <= 100:
            raise AnnotateError(
                f"a skill has 1 to 100 characters, not {len(skill)}: {skill[:40]!r}"
            )
    person = known_person(store, name)
    with store.transaction():
        before = store.skills.of(person.id)
        store.skills.put(person.id, cleaned, by=actor.name, now=iso(now))
        after = store.skills.of(person.id)
        if after != before:
            store.person_events.add(
                person.id,
                "skills",
                project=None,
                reason=reason,
                details={"before": before, "after": after},
                by=actor.name,
                now=iso(now),
            )
    return after


def decide_training(
    store: Store, project: Project, name: str, *, excuse: bool, actor: Person, now: datetime
) -> Training:
    """Let somebody work without training (excuse), or give them another round with other items.

    Raises NotAllowed, NotFound, and AnnotateError where the project has no training.
    """
    require(actor, "lead people")
    if project.people.training is None:
        raise AnnotateError(
            f"project {project.project!r} has no training: add `people: training:` to its file"
        )
    seat = Seat(store, project, known_person(store, name), now)
    with store.transaction():
        return note_training(seat, "excused" if excuse else "again", 0, 0, actor.name)


def known_person(store: Store, name: str) -> Person:
    """The person of this name; raises NotFound."""
    found = store.people.named(name)
    if found is None:
        names = ", ".join(person.name for person in store.people.all())
        raise NotFound(f"nobody here is called {name!r}; there are: {names or 'no people yet'}")
    return found
