"""Content hashes: the same content has the same name on every machine."""

from __future__ import annotations

import hashlib

from annotate.store.rows import to_json


def digest(*parts: object, size: int = 16) -> str:
    """Hex BLAKE2b of the parts' canonical JSON; `size` bytes (collision odds 2^-64 at 16).

    >>> digest("a", 1) == digest("a", 1), digest("a", "1") == digest("a", 1)
    (True, False)
    """
    return hashlib.blake2b(to_json(list(parts)).encode(), digest_size=size).hexdigest()
