"""What was made before, kept by a hash of all that went into it.

One SQLite file, which two builds may use at once and anybody may delete. Whatever is wrong with it
(damaged, of another version, locked, in a folder that cannot be written) gives one warning, and
the build goes on without it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
# Below the folder of a knowledge base.
CACHE = ".cache/kept.sqlite3"
# A value goes when this many times in a row something was kept and nobody had a use for it.
TIMES = 20
# No version of SQLite takes fewer parameters in one statement.
_AT_ONCE = 900
# The value comes last, as SQLite reads all of it to find what stands behind it.
_TABLE = "CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, turn INTEGER, value BLOB)"


def digest(*parts: str) -> str:
    """A hash of texts, which also tells where one ends and the next begins."""
    made = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode()
        made.update(len(data).to_bytes(8, "big") + data)
    return made.hexdigest()


@cache
def engine() -> str:
    """A hash of the engine's own code, of which a version number says too little."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return digest(*(file.read_text(encoding="utf-8") for file in files))


class Cache:
    """Bytes by key, in the file at `path`.

    `warn` is told once what is wrong with the file, if anything is.
    """

    def __init__(self, path: Path, warn: Callable[[str], object]) -> None:
        self._path, self._warn = path, warn
        self._broken = False
        self._later: dict[str, bytes] = {}
        self._of_use: set[str] = set()

    @property
    def filled(self) -> bool:
        """Whether it is worth looking."""
        return self._path.exists() and not self._broken

    def read(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Those of `keys` that are there, with their values."""
        wanted = list(keys)

        def work(file: sqlite3.Connection) -> dict[str, bytes]:
            found: dict[str, bytes] = {}
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = file.execute(f"SELECT key, value FROM kept WHERE key IN ({marks})", some)
                found.update((key, _checked(value)) for key, value in rows)
            return found

        return (self._do(work) if self.filled else None) or {}

    def keep(self, new: Mapping[str, bytes], used: Iterable[str] = ()) -> None:
        """Keep values when others are written next, and note that those of `used` were of use."""
        self._later.update(new)
        self._of_use.update(used)

    def once(self, key: str, make: Callable[[], bytes]) -> bytes:
        """The value that was kept; without one it is made, and kept when others are written."""
        if (known := self.find(key)) is None:
            known = self._later[key] = make()
        return known

    def find(self, key: str) -> bytes | None:
        """The value of a key, if it is there, which is of use then."""
        self._of_use.add(key)
        return self.read([key]).get(key)

    def write(self) -> None:
        """Write what is to be kept, if anything is, and with it what was of use."""
        def work(file: sqlite3.Connection) -> None:
            file.execute("BEGIN IMMEDIATE")
            now = (file.execute("SELECT MAX(turn) FROM kept").fetchone()[0] or 0) + 1
            # To write each time that something was of use takes longer than to look.
            old = "SELECT key FROM kept WHERE turn <= ?"
            rows = file.execute(old, (now - TIMES // 2,))
            stale = self._of_use.intersection(key for (key,) in rows)
            file.executemany(
                "UPDATE kept SET turn = ? WHERE key = ?", ((now, one) for one in stale)
            )
            file.executemany("INSERT OR REPLACE INTO kept (key, value, turn) VALUES (?, ?, ?)", (
                (key, zlib.crc32(value).to_bytes(4, "big") + value, now)
                for key, value in self._later.items()
            ))
            file.execute("DELETE FROM kept WHERE turn <= ?", (now - TIMES,))
            file.execute("COMMIT")
            self._later.clear()
            self._of_use.clear()

        if self._later and not self._broken:
            self._do(work)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """What `work` gives for the open file; None when it fails, and then the file is let be."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=1, isolation_level=None)) as file:
                file.execute(_TABLE)
                return work(file)
        except (OSError, sqlite3.OperationalError) as error:
            self._warn(f"{self._path} is not used: {error}")
        except (sqlite3.Error, ValueError) as error:
            self._path.unlink(missing_ok=True)
            self._warn(f"{self._path} was damaged and is made anew by the next build: {error}")
        self._broken = True
        return None


def _checked(stored: object) -> bytes:
    """A value without the sum that it begins with; raises ValueError when the two do not agree."""
    if isinstance(stored, bytes) and stored[:4] == zlib.crc32(stored[4:]).to_bytes(4, "big"):
        return stored[4:]
    raise ValueError("a value is not what was kept")
