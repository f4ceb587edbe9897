"""Engines: who separates, converts or generates."""
