"""The HanoLab API on this machine: a real server to try everything against, without paying."""
