"""The Operate workspace."""
