"""All SQL of the project. `open_store` gives a `Store`; each noun has its own file."""

from annotate.store.store import Store, open_store

__all__ = ["Store", "open_store"]
