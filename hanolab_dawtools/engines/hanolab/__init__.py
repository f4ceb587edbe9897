"""The cloud engine: the HanoLab API behind the protocol of an engine."""
