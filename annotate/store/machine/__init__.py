"""What models were asked and said."""
