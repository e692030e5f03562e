"""Roles, and what each may do: asked by every verb."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Literal

from annotate.clock import iso
from annotate.errors import AnnotateError, NotAllowed, NotFound
from annotate.hashing import digest
from annotate.model import Person, Role
from annotate.store import Store

Right = Literal[
    "label",
    "import",
    "prelabel",
    "route",
    "make promises",
    "review",
    "adjudicate",
    "export",
    "invite",
    "open and close projects",
    "edit projects",
    "lead people",
    "create projects",
    "manage people",
    "back up",
]

UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, what turns the direction of writing round, and half characters."""

_LEAD: frozenset[Right] = frozenset(
    {
        "label",
        "import",
        "prelabel",
        "route",
        "make promises",
        "review",
        "adjudicate",
        "export",
        "invite",
        "open and close projects",
        "edit projects",
        "lead people",
        "create projects",
    }
)

RIGHTS: dict[Role, frozenset[Right]] = {
    "annotator": frozenset({"label"}),
    "lead": _LEAD,
    "admin": _LEAD | {"manage people", "back up"},
}


def require(actor: Person, right: Right) -> None:
    """Raises NotAllowed when the actor's role does not include `right`."""
    if right not in RIGHTS[actor.role]:
        allowed = " or ".join(role for role, rights in RIGHTS.items() if right in rights)
        whom = f"an {allowed}" if allowed.startswith("a") else f"a {allowed}"
        raise NotAllowed(f"{actor.name} is {actor.role} and may not {right}: ask {whom}")


def operator(now: datetime) -> Person:
    """Who runs commands in a terminal: whoever can write the files may do everything."""
    return Person(id="operator", name="operator", role="admin", created_at=iso(now))


def add_person(store: Store, name: str, role: Role, *, actor: Person, now: datetime) -> Person:
    """A new person, or the one who already has this name and role.

    Raises NotAllowed, or AnnotateError for a name that is empty, too long or taken in another
    role.
    """
    require(actor, "manage people")
    name = clean_name(name)
    store.people.add(Person(id=digest("person", name), name=name, role=role, created_at=iso(now)))
    found = store.people.named(name)
    assert found is not None
    if found.role != role:
        raise AnnotateError(f"{name} is already here as {found.role}: choose another name")
    return found


def clean_name(name: str) -> str:
    """A name as it is stored: composed characters, single spaces. Raises AnnotateError."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 1 <= len(name) <= 64:
        raise AnnotateError(f"a name has 1 to 64 characters, not {len(name)}: choose another")
    if not _is_text(name):
        raise AnnotateError(f"the name {name!r} holds what is no character: type it again")
    return name


def _is_text(name: str) -> bool:
    """False for half characters, which a terminal hands over for bytes it cannot read, and for
    what would turn round or hide what stands beside the name."""
    return not UNSEEN.search(name)


def person(store: Store, person_id: str) -> Person:
    """The person with this id; raises NotFound."""
    found = store.people.get(person_id)
    if found is None:
        raise NotFound(f"nobody here has the id {person_id!r}")
    return found
