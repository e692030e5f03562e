"""The one place that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annotate.errors import AnnotateError
from annotate.sessions import Lifetime

FOLDER = "COANNOTATE_DIR"
PERSON = "COANNOTATE_PERSON"
HOSTS = "COANNOTATE_HOSTS"
PROXY = "COANNOTATE_PROXY"
IDLE_HOURS = "COANNOTATE_IDLE_HOURS"
SESSION_DAYS = "COANNOTATE_SESSION_DAYS"


@dataclass(frozen=True, slots=True)
class Doors:
    """Who is let in, and for how long.

    hosts: names, beside this machine's own, under which people reach the pages. proxy: addresses
    whose word about the visitor's address and about https is taken, comma-separated; empty: of
    nobody.
    """

    hosts: tuple[str, ...] = ()
    proxy: str = ""
    lifetime: Lifetime = field(default_factory=Lifetime)


@dataclass(frozen=True, slots=True)
class Config:
    """What the surroundings say. person: who is signed in at once on this machine, if anybody."""

    folder: Path
    person: str | None
    hub_cache: Path
    environment: Mapping[str, str]
    doors: Doors = field(default_factory=Doors)

    def key(self, name: str) -> str | None:
        """The secret in the environment variable `name`; None when there is none."""
        return self.environment.get(name) or None


def from_environment(folder: Path | None = None) -> Config:
    """folder: what the command line says; it goes before the environment."""
    hub = os.environ.get("HF_HUB_CACHE") or str(
        Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface")) / "hub"
    )
    return Config(
        folder=folder or Path(os.environ.get(FOLDER, ".")),
        person=os.environ.get(PERSON) or None,
        hub_cache=Path(hub),
        environment=dict(os.environ),
        doors=_doors(os.environ),
    )


def _doors(environment: Mapping[str, str]) -> Doors:
    hosts = environment.get(HOSTS, "").replace(",", " ").lower().split()
    usual = Lifetime()
    lifetime = Lifetime(
        idle_hours=_positive(environment, IDLE_HOURS, usual.idle_hours),
        days=_positive(environment, SESSION_DAYS, usual.days),
    )
    return Doors(tuple(hosts), environment.get(PROXY, "").strip(), lifetime)


def _positive(environment: Mapping[str, str], name: str, usual: float) -> float:
    text = environment.get(name, "")
    if not text:
        return usual
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < 100_000.0:
        raise AnnotateError(f"{name}={text!r} is no number above 0: use one, such as {usual:g}")
    return number
