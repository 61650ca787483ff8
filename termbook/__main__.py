"""The program `termbook`, which `python -m termbook` runs too."""

import gc

# Importing, reading and building make millions of objects, hardly any of them in circles.
gc.set_threshold(200_000, 20, 50)

from .cli import main  # noqa: E402

if __name__ == "__main__":
    main()
