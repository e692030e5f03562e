"""What calls cost: prices per million tokens, typed by the user or looked up, never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.project.settings import LLMSettings


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, and since when that is known to hold.

    batch: the share of it that calls through a Batch API cost.
    """

    usd_per_m_in: float
    usd_per_m_out: float
    as_of: str
    batch: float = 0.5

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """US dollars for that many tokens.

        >>> Price(0.5, 2.0, "2026-11-01").cost(1_000_000, 500_000)
        1.5
        """
        return (tokens_in * self.usd_per_m_in + tokens_out * self.usd_per_m_out) / 1e6

    def batched(self) -> Price:
        """The price of calls through a Batch API.

        >>> Price(0.5, 2.0, "2026-11-01").batched().usd_per_m_out
        1.0
        """
        share = self.batch
        return Price(self.usd_per_m_in * share, self.usd_per_m_out * share, self.as_of, 1.0)


def price_of(settings: LLMSettings) -> Price | None:
    """The price in a project file; None when it tells none."""
    told = settings.price
    if told is None:
        return None
    return Price(told.usd_per_m_in, told.usd_per_m_out, told.as_of, told.batch)
