"""Asking a model: ways of asking, prompts, providers, and reading what comes back."""
