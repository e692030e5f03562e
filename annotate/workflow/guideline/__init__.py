"""Versions of guideline, prompts and project file: changed, tried, adopted, asked again."""
