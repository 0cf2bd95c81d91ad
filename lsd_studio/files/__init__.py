"""Files: those of others read as data, within bounds; our own written whole or not at all. For all parts."""
