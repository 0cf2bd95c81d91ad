"""Arrays and tables in files of many formats, read within bounds and without executing any."""
