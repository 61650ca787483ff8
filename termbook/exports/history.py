"""What Git remembers: when each content file came and was changed, and the last commit."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple


class Change(NamedTuple):
    """Seconds since 1970 at which a file came and was last changed."""

    created: int
    updated: int


def history(root: Path) -> dict[str, Change]:
    """Path relative to `root` → its change; empty without Git or before the first commit."""
    command = [
        "git", "-C", str(root), "-c", "core.quotePath=false", "log", "--relative",
        "--no-renames", "--format=%x00%ct", "--name-only", "--", ".",
    ]
    try:
        log = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    found: dict[str, Change] = {}
    # Newest first: the first time a path is met is its last change.
    for commit in log.split("\0")[1:]:
        when, *paths = commit.split("\n")
        for path in filter(None, paths):
            updated = found[path].updated if path in found else int(when)
            found[path] = Change(int(when), updated)
    return found


def last_commit(root: Path) -> str:
    """The hash of the last commit, a space, and its time in seconds since 1970; or nothing."""
    command = ["git", "-C", str(root), "log", "-1", "--format=%H %ct"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
