"""How long a live server takes to show an edit."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import socket

from .measure import LIMIT, Failed, Late, end_session, environment, last_words

# Seconds that a server gets, once it answers, to begin watching files.
_SETTLE = 1.5
# Seconds between two questions.
_PAUSE = 0.01


def edit_to_page(
    command: Sequence[str], folder: Path, path: str, shown: str, edit: Callable[[], str]
) -> float:
    """Seconds from a save until the server answers with the new text.

    `command` is run in `folder`, with `{port}` in it filled in; the page at `path` shows `shown`
    at first. `edit` saves a file and gives a text that the page then has. Raises Failed when the
    server ends, and Late when the page is not as wanted after LIMIT.
    """
    with _served(command, folder) as answers:
        answers(path, shown)
        time.sleep(_SETTLE)
        start = time.perf_counter()
        answers(path, edit())
        return time.perf_counter() - start


@contextmanager
def _served(command: Sequence[str], folder: Path) -> Iterator[Callable[[str, str], None]]:
    """Run a server; gives a function that waits until a page of it has a text."""
    port = _free_port()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [part.format(port=port) for part in command], cwd=folder, env=environment(),
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )

        def answers(path: str, text: str) -> None:
            deadline = time.monotonic() + LIMIT
            while text.encode() not in _page(port, path):
                if process.poll() is not None:
                    raise Failed(f"the server ended: {last_words(output)}")
                if time.monotonic() > deadline:
                    raise Late(f"the page did not show the edit within {LIMIT} s")
                time.sleep(_PAUSE)

        try:
            yield answers
        finally:
            end_session(process.pid)
            process.wait()


def _page(port: int, path: str) -> bytes:
    """What the server answers, whatever its status; nothing when it does not answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    try:
        connection.request("GET", f"/{path}")
        return connection.getresponse().read()
    except (OSError, HTTPException):
        return b""  # it does not listen yet, or begins anew
    finally:
        connection.close()


def _free_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
