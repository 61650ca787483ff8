"""What is told of the browser tests when a run ends: the counts of what ran, and no others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
COUNTING = """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_some(tally, number):
    tally.count("queries", 10)
    tally.count("found first", 9)
    tally.misses.append(f"'name {number}', exact")
    tally.count("requests")
    assert number != 3

def test_none():
    pass
"""


def run(folder: Path, *options: str) -> str:
    """What pytest prints for tests that use our conftest.py."""
    (folder / "test_counting.py").write_text(COUNTING)
    outside = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", *options],
        cwd=folder, env={**outside, "PYTHONPATH": str(TESTS)}, capture_output=True, text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one process", "two processes"])
def test_counts_are_added_up_and_told(tmp_path, options):
    """Those of a failed test too, whether one process ran them or several."""
    told = run(tmp_path, *options)
    assert "search: 40 queries, 36 found first (90.00%)" in told
    assert "privacy: 4 requests, 0 off-origin" in told
    assert all(f"missed: 'name {number}', exact" in told for number in range(4))
    assert "axe-core" not in told and "1 failed" in told


def test_nothing_is_told_when_nothing_was_counted(tmp_path):
    assert "counted in the browser" not in run(tmp_path, "-k", "test_none")
