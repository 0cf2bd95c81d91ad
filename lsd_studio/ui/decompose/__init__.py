"""The Decompose workspace."""
