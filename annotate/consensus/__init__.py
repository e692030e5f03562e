"""Several answers to one item -> the one we stand by."""

from annotate.consensus.majority import majority

__all__ = ["majority"]
