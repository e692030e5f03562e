"""Several answers to one item -> the one we stand by."""

from annotate.consensus.agreed import agreed, offers
from annotate.consensus.majority import majority
from annotate.consensus.middle import middle

__all__ = ["agreed", "majority", "middle", "offers"]
