"""Arithmetic of routing: numbers in, numbers out. Knows nothing of people, files or models."""
