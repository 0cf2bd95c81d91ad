"""Pictures of every workspace, always the same."""
