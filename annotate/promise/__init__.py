"""Promises about labels that people did not give; the verbs are in `workflow/promising.py`."""
