"""Who works here: how they come in, what they can do, what was decided about them."""
