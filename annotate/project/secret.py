"""Keys pasted where they do not belong: recognised so that no message repeats them."""

from __future__ import annotations

import re

KEY_NAMES = frozenset(
    ("apikey", "key", "token", "password", "secret", "openaiapikey", "authorization", "accesstoken")
)

_PREFIXED = re.compile(r"\b(?:sk|pk|rk|hf|gsk|xai|ghp|key|bearer|basic)[-_ ]\S{8,}", re.IGNORECASE)
_MIXED = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[^\s/.]{20,}")


def looks_secret(text: str) -> bool:
    """Whether `text` may be a key: a usual prefix, or one long word of letters and digits.

    >>> looks_secret("sk-proj-abcdefgh"), looks_secret("f3b1c99e0d7a4c55a1b2c3d4")
    (True, True)
    >>> looks_secret("OPENAI_API_KEY"), looks_secret("http://localhost:8000/v1")
    (False, False)
    """
    return bool(_PREFIXED.search(text) or _MIXED.search(text))


def shown(value: object, limit: int = 60) -> str:
    """`value` as a message may repeat it.

    >>> shown(0.5), shown("sk-proj-abcdefgh")
    ('0.5', 'hidden here, it may be a key')
    """
    text = str(value)
    if looks_secret(text):
        return "hidden here, it may be a key"
    return repr(value if len(text) <= limit else f"{text[:limit]}…")
