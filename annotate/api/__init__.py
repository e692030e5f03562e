"""Reading from Python: labels, votes and training data as tables, in notebooks and scripts."""
