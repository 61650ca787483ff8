"""Whether a build would change anything: hashes of all that it reads, and of the times when what it
wrote was touched.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .cache import digest

_ENGINE = Path(__file__).parent
# Below any folder; in the root whatever begins with a dot is no input either.
_MADE = {"__pycache__", "node_modules"}
_INHERITED = re.compile(r"^INHERIT:\s*['\"]?([^'\"\n]+?)['\"]?\s*$", re.MULTILINE)
_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9_]+\b")


class Inputs(NamedTuple):
    """Hashes of all that decides what a site is, and of that without the history and some files."""

    every: str
    surroundings: str


def of_inputs(
    root: Path, revision: str, texts: Mapping[str, str], apart: Collection[str] = ()
) -> Inputs:
    """Hashes of all that decides what the site of `root` is, `revision` of its history included.

    That is every file below `root` but what was made there, the engine, the versions of all that
    is installed, and those environment variables which the settings or `macros.py` name. What a
    plugin of somebody else takes from elsewhere, such as a clock, is not among it. `texts` are
    those of files that were read already, by their paths, and the files at the paths `apart` do
    not belong to the surroundings.
    """
    # The folder that tells of a package is called by its name and its version.
    installed = sorted(one for path in set(sys.path) if os.path.isdir(path)
                       for one in os.listdir(path) if one.endswith(".dist-info"))
    settings = list(_settings(root / "mkdocs.yml"))
    named = {name for text in [*settings, _text(root / "macros.py")]
             for name in _VARIABLE.findall(text)} | {"SOURCE_DATE_EPOCH"}
    every, others = (hashlib.blake2b(digest_size=20) for _ in range(2))
    for folder in (_ENGINE, root):
        for path, file in _files(folder, is_root=folder == root):
            text = texts.get(path) if folder == root else None
            if text is None and not os.path.isfile(file):
                continue
            content = Path(file).read_bytes() if text is None else text.encode()
            told = f"{path}\0{len(content)}\0".encode() + content
            every.update(told)
            if path not in apart:
                others.update(told)
    known = digest(
        sys.version, *installed, *settings,
        *(f"{name}={os.environ.get(name)}" for name in sorted(named)),
    )
    return Inputs(digest(revision, known, every.hexdigest()), digest(known, others.hexdigest()))


def of_times(folder: Path, is_root: bool = False) -> str:
    """A hash of the names of all files below `folder`, and of when each was last touched.

    It changes with any change to one, as the system keeps that time and lets nobody set it; so it
    does for a copy of the folder. With `is_root` what is made there is left out.
    """
    made = hashlib.blake2b(digest_size=20)
    top = os.path.realpath(folder)
    left, seen = [top], {top}
    while left:
        place = left.pop()
        with os.scandir(place) as found:
            entries = sorted(found, key=lambda one: one.name)
        for entry in entries:
            is_folder = entry.is_dir()
            if is_folder and is_root and _is_made(entry.name, place == top):
                continue
            made.update(f"{entry.name}\0".encode())
            if is_folder:
                inside = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
                if inside not in seen:
                    left.append(inside)
                    seen.add(inside)  # a link may lead back up
            elif entry.is_file():
                told = entry.stat()
                made.update(f"{told.st_size} {told.st_ctime_ns} {told.st_mtime_ns}\0".encode())
    return made.hexdigest()


def when_touched(root: Path) -> str:
    """What changes with any change to a file that `of_inputs` reads for `root`."""
    return digest(of_times(_ENGINE, is_root=True), of_times(root, is_root=True))


def _is_made(name: str, in_root: bool) -> bool:
    """Whether a folder of that name is made, and no input."""
    return name in _MADE or in_root and (name == "site" or name.startswith("."))


def _files(folder: Path, is_root: bool) -> Iterator[tuple[str, str]]:
    """The path of each file below `folder`, relative to it and as it is.

    With `is_root` it is that of content, in which more is made.
    """
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        in_root = is_root and Path(place) == folder
        inside = [one for one in folders if not _is_made(one, in_root)]
        real = os.path.realpath(place)
        folders[:] = [] if real in seen else sorted(inside)  # a link may lead back up
        seen.add(real)
        above = "" if Path(place) == folder else f"{os.path.relpath(place, folder)}/"
        for name in sorted(files):
            yield f"{above}{name}".replace(os.sep, "/"), os.path.join(place, name)


def _settings(file: Path) -> Iterator[str]:
    """The text of an mkdocs.yml and of those that it inherits from, wherever they are."""
    while text := _text(file):
        yield text
        above = _INHERITED.search(text)
        if not above:
            return
        file = file.parent / above[1]


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
