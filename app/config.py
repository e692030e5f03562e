"""The one place that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = "COANNOTATE_DIR"
PERSON = "COANNOTATE_PERSON"


@dataclass(frozen=True, slots=True)
class Config:
    """What the surroundings say. person: who is signed in at once on this machine, if anybody."""

    folder: Path
    person: str | None
    hub_cache: Path
    environment: Mapping[str, str]

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
    )
