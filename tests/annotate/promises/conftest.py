"""The promise that most tests of this room are about."""

from __future__ import annotations

import pytest

from annotate.store import Store
from tests.annotate.support.pledge import LATE, Pledge


@pytest.fixture
def pledge(store: Store) -> Pledge:
    """A hundred items; nothing is promised yet."""
    return Pledge(store, 100, LATE)
