"""Decision endpoints: probabilities for every class, and no text."""
