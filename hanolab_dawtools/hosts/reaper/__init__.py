"""The running REAPER as a host, reached through the bridge that runs inside it."""
