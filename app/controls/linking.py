"""Ways to an item's history in another tab: what is chosen on this page stays."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from app.state import Here


def item_link(here: Here, reference: str, words: str) -> str:
    """HTML. reference: the item's id, ours or the user's own."""
    way = urlencode({"project": here.project.project, "item": reference})
    return f'<a href="/item?{escape(way)}" target="_blank">{escape(words)}</a>'
