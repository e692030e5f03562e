"""A project as a whole: created, opened, looked at, worked on by jobs, backed up."""
