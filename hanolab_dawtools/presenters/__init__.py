"""What windows and the command line show, without Qt."""
