"""Changes of guideline and prompts on a page: written, tried, adopted, undone."""
