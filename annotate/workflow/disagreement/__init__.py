"""Where people and machine differ: filters, matrices, items."""
