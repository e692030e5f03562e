"""Rows of files become items, with the answers that came along."""
