"""Batches: one run over regions x tracks x presets, whose cells are jobs of their own."""
