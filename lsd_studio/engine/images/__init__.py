"""Image files and pictures."""
