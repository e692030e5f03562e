"""Other tools' exports: one file each."""

from __future__ import annotations

from annotate.importers.tool import TOOLS

TOOLS.load(__name__)

__all__ = ["TOOLS"]
