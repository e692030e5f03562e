"""Providers: one file per way to reach a model. `PROVIDERS` knows the configurable ones."""

from annotate.llm.providers.protocol import PROVIDERS, Provider, Reply

PROVIDERS.load(__name__)

__all__ = ["PROVIDERS", "Provider", "Reply"]
