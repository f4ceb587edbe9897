"""hanolab_dawtools: stem separation and voice conversion for the REAPER DAW."""

__version__ = "0.1.0"
__all__ = ["__version__"]
