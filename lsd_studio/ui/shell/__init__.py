"""The window around the workspaces, and what all workspaces share."""
