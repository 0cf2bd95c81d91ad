"""Small widgets that several workspaces have."""
