"""Fixtures for every test of this room."""

from tests.annotate.deciding import contract, decider, shared_decider
from tests.llm_server.fixtures import forked, server, shared, world

__all__ = ["contract", "decider", "forked", "server", "shared", "shared_decider", "world"]
