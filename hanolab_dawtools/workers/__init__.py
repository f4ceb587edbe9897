"""Workers that do the local work of jobs: in this process, in others, on other machines."""
