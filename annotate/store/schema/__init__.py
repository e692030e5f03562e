"""The steps of the schema that came first; `annotate.store.migrations` has the newest."""
