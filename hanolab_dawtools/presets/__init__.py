"""Presets: everything about a run except where."""
