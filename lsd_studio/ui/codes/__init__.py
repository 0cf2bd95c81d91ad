"""Codes that came without networks: the sheet that opens them, and the workspaces that work with them."""
