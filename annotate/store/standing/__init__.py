"""What is decided about items and what is stood by."""
