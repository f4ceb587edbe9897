"""Audio: buffers, files, resampling, levels, peaks, alignment, effects."""
