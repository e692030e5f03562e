"""Calls by the file, through a Batch API."""
