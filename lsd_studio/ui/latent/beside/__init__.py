"""A second space of the same rows beside the codes."""
