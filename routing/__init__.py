"""Arithmetic of routing: numbers in, numbers out. Knows nothing of people, files or models.

scipy and scikit-learn take two seconds to import. Where a command that computes nothing gets to
see a module, the functions that need them import them.
"""
