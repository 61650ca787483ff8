"""What a command costs: one process at a time, measured by the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# Bytes in a unit of `ru_maxrss`.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Cost(NamedTuple):
    """CPU and wall-clock seconds, and the peak of resident memory in MB (10⁶ bytes)."""

    cpu: float
    wall: float
    peak: float


class Failed(Exception):
    """A measured command failed, or did not do its work."""


def cost(command: Sequence[str], folder: Path) -> Cost:
    """The cost of `command`, run in `folder`, with that of the processes it waited for.

    A new process starts with the peak memory of the one it was made from, so the caller must
    stay smaller than what it measures. Raises Failed with the output of a command that fails.
    """
    settings = {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0"}
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | settings, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise Failed(f"{' '.join(command)}: exit code {process.returncode}\n"
                         + output.read().decode(errors="replace")[-4000:])
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * _RSS_UNIT / 1e6)
