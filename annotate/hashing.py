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


def of_secret(secret: str) -> str:
    """Hex SHA-256 of a long random secret: what a database may keep of it.

    >>> of_secret("a")[:8]
    'ca978112'
    """
    return hashlib.sha256(secret.encode()).hexdigest()
