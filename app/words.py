"""The words of the interface for pages made here, from the catalogues the desk uses."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

from app.screen.assets import assets

_GAP = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language; called with a key, and what its gaps are filled with."""

    language: str
    texts: dict[str, str]

    def __call__(self, key: str, **facts: object) -> str:
        """The text; with `count`, its plural form. An unknown key is shown as it is.

        >>> words("en")("feedback.of", count=1, low=3, high=99)
        'of 1 item; 95 % interval 3-99 %'
        """
        form = "one" if facts.get("count") == 1 else "other"
        found = self.texts.get(f"{key}.{form}") or self.texts.get(f"{key}.other")
        return _GAP.sub(lambda gap: _said(facts, gap), found or self.texts.get(key, key))


def _said(facts: dict[str, object], gap: re.Match[str]) -> str:
    value = facts.get(gap[1], gap[0])
    return f"{value:,}" if isinstance(value, int) else str(value)


def words(locale: str | None) -> Words:
    """Those for a browser's locale, as `zh-CN`; English where there is no catalogue."""
    language = (locale or "").split("-")[0].lower()
    return _words(language if language in assets().languages else "en")


@cache
def _words(language: str) -> Words:
    return Words(language, json.loads(assets().files[f"strings/{language}.json"]))
