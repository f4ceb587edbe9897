"""Hosts: where the music lives and where results go back to."""
