"""A new project on a page: its file, its questions, who answers first."""
