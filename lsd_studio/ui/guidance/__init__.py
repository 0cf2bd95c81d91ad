"""What helps a person along: command palette, help, tour."""
