"""Memory, threads, processes, seeds, and files and their names."""
