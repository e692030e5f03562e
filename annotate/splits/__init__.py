"""Splits without leakage: numbers and texts in, a split for each item out. No database here."""
