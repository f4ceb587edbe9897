"""A stand-in REAPER for tests: a process of its own, or (`in_process.here`) the test's own."""
