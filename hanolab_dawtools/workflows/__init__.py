"""Workflows: the only place where hosts, audio, engines and jobs meet."""
