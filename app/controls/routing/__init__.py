"""Where items go, on a page: what is left to be wrong, other settings, promises."""
