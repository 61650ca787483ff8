"""The commands, a module for those that need the same; `cli.py` loads the one that is asked for."""
