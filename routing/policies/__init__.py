"""Ways to choose between model and people, one file each. `POLICIES` maps names to classes."""

from routing.policies.protocol import POLICIES, Policy, Situation

__all__ = ["POLICIES", "Policy", "Situation"]

POLICIES.load(__name__)
