"""Fixtures for every test of this room."""

from tests.annotate.exports.worked import compared, labelled

__all__ = ["compared", "labelled"]
