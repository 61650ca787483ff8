"""A knowledge base as it was in a Git revision, written into a folder of its own for a while."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

CONTENT = (".yml", ".yaml", ".md")
# Modes of files in a Git tree; links and submodules are no content.
FILES = ("100644", "100755")


class GitFailed(RuntimeError):
    """Git is missing, or does not know what it was asked for."""


@contextmanager
def checked_out(root: Path, revision: str) -> Iterator[Path]:
    """The content of `root` as of `revision`, in a folder that is gone afterwards.

    Blobs are written as they are: no attribute, filter or hook of the repository has a say.
    """
    commit = resolve(root, revision)
    names = _git(root, "ls-tree", "-r", "-z", commit).decode("utf-8", "surrogateescape")
    blobs = dict(_blob(entry) for entry in names.split("\0") if _is_content(entry))
    with TemporaryDirectory(prefix="termbook-") as folder:
        for path, text in zip(blobs, _contents(root, blobs.values()), strict=True):
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)
        yield Path(folder)


def _is_content(entry: str) -> bool:
    return entry.startswith(FILES) and entry.endswith(CONTENT) and "/../" not in f"/{entry}"


def _blob(entry: str) -> tuple[str, str]:
    """Path and blob of a line of `git ls-tree`: mode, type, blob, a tab, path."""
    about, path = entry.split("\t", 1)
    return path, about.split(" ")[2]


def _contents(root: Path, blobs: Iterable[str]) -> Iterator[bytes]:
    """What each blob holds; `git cat-file` tells its size first and ends it with a line break."""
    told = _git(root, "cat-file", "--batch=%(objectsize)", given="\n".join(blobs).encode())
    while told:
        size, _, told = told.partition(b"\n")
        yield told[: int(size)]
        told = told[int(size) + 1 :]


def resolve(root: Path, revision: str) -> str:
    """The commit that `revision` names."""
    try:
        name = f"{revision}^{{commit}}"
        return _git(root, "rev-parse", "--verify", "--end-of-options", name).decode().strip()
    except GitFailed:
        raise GitFailed(f'Git knows no revision "{revision}" in {root}') from None


def parting(root: Path, base: str, head: str) -> str:
    """The commit at which `head` left `base`; `base` itself when they have none in common."""
    try:
        return _git(root, "merge-base", resolve(root, base), resolve(root, head)).decode().strip()
    except GitFailed:
        return resolve(root, base)


def _git(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise GitFailed("Git is not installed") from None
    except subprocess.CalledProcessError as error:
        raise GitFailed(error.stderr.decode("utf-8", "replace").strip()) from None
