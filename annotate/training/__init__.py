"""Rules before rows: what of the labels may teach a model, whatever its trainer reads."""
