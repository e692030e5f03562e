"""What a lead decides about items."""
