"""What a REAPER project holds and what is meant in it, wherever it was read from."""
