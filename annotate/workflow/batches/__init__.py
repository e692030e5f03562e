"""The machine asked through a Batch API."""
