"""The command line: thin; one function turns an error into an exit code."""
