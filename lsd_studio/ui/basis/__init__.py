"""The Basis workspace."""
