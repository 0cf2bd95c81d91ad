"""What leaves the program and what comes in: exports, archives, networks of others, what is dropped on the window."""
