"""Snapshots as folders of files: what is in one, whether it is whole, what two differ in."""
