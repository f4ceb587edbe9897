"""The only package that imports PyQt6 and pyqtgraph."""
