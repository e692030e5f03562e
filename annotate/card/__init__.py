"""The data card: what a labelled set is, who made it, what it cannot do; from its own numbers."""
