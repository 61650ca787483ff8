"""The one writer of content: texts that were worked out before go to their files, each at once."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..book import Book
from ..schemas import IDS_PATH, ids_schema

Changes = dict[str, str | None]


def write(root: Path, changes: Changes) -> None:
    """Write each text to its path below `root`; None removes the file, after all are written.

    A file is replaced in one step, so that nobody ever reads half of it.
    """
    for path, text in changes.items():
        if text is not None:
            replace(root / path, text.encode())
    for path, text in changes.items():
        if text is None:
            (root / path).unlink()


def offer_ids(root: Path, book: Book) -> None:
    """Write the ids that editors offer anew, where there are schemas."""
    if (root / IDS_PATH).parent.is_dir():
        write(root, {IDS_PATH: ids_schema(book)})


def replace(path: Path, content: bytes) -> None:
    """Write a file in one step, so that nobody ever finds half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
