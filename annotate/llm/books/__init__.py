"""What calls cost, what may still be spent, how many are under way."""
