"""Training data on a page: chosen, looked at, taken, kept."""
