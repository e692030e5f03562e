"""Fixtures for every test of this room."""

from tests.annotate.support.batching import desk
from tests.annotate.support.deciding import contract, decider, shared_decider
from tests.annotate.support.members import other
from tests.llm_server.fixtures import forked, server, shared, world

__all__ = [
    "contract",
    "decider",
    "desk",
    "forked",
    "other",
    "server",
    "shared",
    "shared_decider",
    "world",
]
