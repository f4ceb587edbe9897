"""REAPER project files on disk."""
