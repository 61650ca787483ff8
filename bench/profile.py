"""Where the time of a build goes: `python -m bench.profile` tells, and writes profile.html.

The build is a cold one of a synthetic corpus, by one process, so that all of it is seen.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from pyinstrument import Profiler

from termbook.cli import app

from .corpus import generate
from .peers.termbook import write_termbook

REPORT = "profile.html"


def profile(terms: int, report: Path) -> str:
    """Build a corpus of that many `terms`; a picture of where the time went into `report`, and
    what took more than a hundredth of it as text.
    """
    profiler = Profiler(interval=0.002)
    with tempfile.TemporaryDirectory() as folder:
        write_termbook(generate(terms, 1), Path(folder))
        with profiler:
            app(["build", "--workers", "1", "--root", folder], standalone_mode=False)
    report.write_text(profiler.output_html(), encoding="utf-8")
    return profiler.output_text()


def main() -> None:
    """Profile a build, as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__)
    parser.add_argument("--terms", type=int, default=1000, help="at least 20 (default: 1000)")
    print(profile(parser.parse_args().terms, Path(REPORT)))
    print(f"The same to click through: {REPORT}")


if __name__ == "__main__":
    main()
