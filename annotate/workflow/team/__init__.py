"""The people of a project as their lead sees them."""
