"""Promises about labels that people did not give; their verbs are in `workflow/promises`."""
