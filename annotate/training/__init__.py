"""Rules before rows: what of the labels may teach a model, whatever its trainer reads."""

from annotate.training.protocol import MATERIALS

MATERIALS.load(__name__)

__all__ = ["MATERIALS"]
