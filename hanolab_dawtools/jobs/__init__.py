"""Jobs: what is stored of each run, and who works on it. Knows no hosts and no engines."""
