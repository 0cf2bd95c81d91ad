"""The Evaluate workspace."""
