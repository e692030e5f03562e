"""The labelling desk: plain modules and style sheets, and how a page mounts them."""

from app.screen.mount import desk, payload

__all__ = ["desk", "payload"]
