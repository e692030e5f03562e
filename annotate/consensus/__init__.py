"""Several answers to one item -> the one we stand by."""

from annotate.consensus.agreed import agreed
from annotate.consensus.majority import majority

__all__ = ["agreed", "majority"]
