"""Training: one loop that yields typed events, three stages, checkpoints that resume to the same weights."""
