"""Which keys of `routing:` each policy takes, and what they are called there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "budget": {
        "budget": "share",
        "budget_items": "items",
        "explore": "explore",
        "diversity": "diversity",
        "audit": "audit_rate",
    },
    "threshold": {"threshold": "accept_below", "explore": "explore", "audit": "audit_rate"},
    "random": {"budget": "share", "audit": "audit_rate"},
    "cost": {
        "error_usd": "error_usd",
        "hour_usd": "hour_usd",
        "seconds": "seconds",
        "people_error": "people_error",
        "max_usd": "max_usd",
        "explore": "explore",
        "audit": "audit_rate",
    },
    "promise": {"target_error": "tolerance", "alpha": "alpha"},
    "cascade": {
        "error_usd": "error_usd",
        "hour_usd": "hour_usd",
        "seconds": "seconds",
        "people_error": "people_error",
        "strong_usd": "strong_usd",
        "strong": "",
        "audit": "audit_rate",
    },
    "coannotating": {"budget": ""},
}
"""Policy -> key of the project file -> name in the policy; "" is taken in another form."""

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "threshold": ("threshold",),
    "cost": ("error_usd", "hour_usd"),
    "promise": ("target_error",),
    "cascade": ("error_usd", "hour_usd", "strong", "strong_usd"),
}
"""Keys that a policy cannot do without."""

TAKE_CHANCES: Final = ("cost", "promise", "cascade")
"""Policies that reckon with the chance of an error: vote entropy is none."""
