"""The Denoise workspace."""
