"""Runs as they stand on the disk: their history, pictures and state, read and written without torch."""
