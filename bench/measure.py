"""What a command costs: its processes, measured by the kernel."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import IO, NamedTuple

# Seconds that a command may take.
LIMIT = 600
# Bytes in a unit of `ru_maxrss`.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
_LAUNCH = (sys.executable, "-I", "-S", str(Path(__file__).parent / "launch.py"))
# Seconds between two looks at the memory.
_PAUSE = 0.1


class Cost(NamedTuple):
    """CPU and wall-clock seconds, and the peak of memory in MB (10⁶ bytes)."""

    cpu: float
    wall: float
    peak: float


class Failed(Exception):
    """A measured command failed, or did not do its work."""


class Late(Failed):
    """A measured command took longer than LIMIT."""


def cost(command: Sequence[str], folder: Path) -> Cost:
    """The cost of `command`, run in `folder`, with that of the processes it waited for.

    The peak is that of all its processes together, looked at ten times a second, where the kernel
    tells it (Linux); elsewhere, or if that is more, the peak of the largest process. Raises Failed
    with the last words of a command that fails, and Late for one that is ended after LIMIT.
    """
    reader, writer = os.pipe()
    with tempfile.TemporaryFile() as output, os.fdopen(reader) as told:
        process = subprocess.Popen(
            [*_LAUNCH, str(writer), *command], cwd=folder, env=environment(),
            stdout=output, stderr=output, pass_fds=[writer], start_new_session=True,
        )
        os.close(writer)
        watch = _Watch(process.pid)
        process.wait()
        watch.end()
        if watch.late:
            raise Late(f"took more than {LIMIT} s")
        if process.returncode:
            raise Failed(f"exit code {process.returncode}: {last_words(output)}")
        cpu, wall, largest = map(float, told.read().split())
    return Cost(cpu, wall, max(watch.peak, largest * _RSS_UNIT) / 1e6)


def environment() -> dict[str, str]:
    """What measured commands find: ours, quiet, with Python's compiled files as users have them."""
    settings = {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0"}
    return {name: value for name, value in (os.environ | settings).items()
            if name != "PYTHONDONTWRITEBYTECODE"}


def last_words(output: IO[bytes]) -> str:
    """The last two lines that a command has said; of a path, which is this machine's, the end."""
    output.seek(0)
    lines = output.read().decode(errors="replace").strip().splitlines()[-2:]
    return re.sub(r"(?<![\w:/.])/(?:[^\s/'\":]+/)+", "", " ".join(" ".join(lines).split()))[-300:]


class _Watch:
    """Looks at the memory of the processes of a session, and ends them after LIMIT."""

    def __init__(self, session: int) -> None:
        self.peak, self.late = 0, False
        self._session, self._ended = session, Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        deadline = time.monotonic() + LIMIT
        while not self._ended.wait(_PAUSE):
            self.peak = max(self.peak, sum(_memory(self._session)))
            if time.monotonic() > deadline:
                self.late = True
                end_session(self._session)
                return


def end_session(session: int) -> None:
    """End every process of a session that `start_new_session` began, unless all have ended."""
    with suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)


def _memory(session: int) -> Iterator[int]:
    """Bytes of each process of a session but its first; what some share is divided (PSS)."""
    for folder in Path("/proc").glob("[0-9]*"):
        # A process may end while it is looked at.
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session != int(folder.name):
                for line in (folder / "smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        yield int(line.split()[1]) * 1024
