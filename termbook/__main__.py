"""`python -m termbook` runs the command line."""

from .cli import main

main()
