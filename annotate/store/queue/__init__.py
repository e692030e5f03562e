"""What people are asked and what they do about it."""
