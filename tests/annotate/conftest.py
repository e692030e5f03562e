"""Fixtures for every test of this room."""

from tests.llm_server.fixtures import forked, server, shared, world

__all__ = ["forked", "server", "shared", "world"]
