"""What is stood by for each item."""
