"""The local engine: separation on this machine, without an account."""
