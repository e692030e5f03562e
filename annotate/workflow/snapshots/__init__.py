"""A project's labels at one moment, kept as files that never change."""
