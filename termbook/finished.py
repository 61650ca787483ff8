"""Pages of the site built before, taken over where all that decides them is as it was.

What decides a page is put into a digest, its key. The keys stand in the cache beside the bodies;
the pages themselves are those of the site, as long as nobody has touched it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from .cache import Cache, digest, engine
from .fingerprint import of_times
from .slim import Used


class FinishedPages:
    """The pages of the site in the folder `site` by their addresses, and those of a new one.

    `surroundings` is a digest of all that pages are made from, but for the records.
    """

    def __init__(self, site: Path, surroundings: str, kept: Cache) -> None:
        self.surroundings = surroundings
        self._site, self._key = site.resolve(), digest("finished pages", engine())
        self._before: dict[str, tuple[str, Used]] = {}
        self._made: dict[str, tuple[str, Used]] = {}
        self._used: dict[Used, Used] = {}  # most pages use the same
        if (value := kept.find(self._key)) and site.is_dir():
            told = json.loads(value)
            if told["times"] == of_times(site):
                used = list(map(Used.of, told["used"]))
                self._before = {path: (key, used[at]) for path, (key, at) in told["pages"].items()}

    @property
    def any_before(self) -> bool:
        """Whether there is anything to take."""
        return bool(self._before)

    def take(self, path: str, key: str, target: str) -> Used | None:
        """Have the page of that path and key at `target` too; what it uses of the styles.

        None where there is no such page. It is the same file under one more name, which nobody
        writes to any more.
        """
        known, used = self._before.get(path, ("", None))
        if not key or known != key:
            return None
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.link(f"{self._site}/{path}", target)
        except OSError:  # another build has removed it, or a file can have one name only
            return None
        return used

    def add(self, path: str, key: str, used: Used) -> None:
        """Note that the new site has that page, whether it was taken or made."""
        self._made[path] = key, self._used.setdefault(used, used)

    def to_keep(self, times: str) -> dict[str, bytes]:
        """What to keep of the new site, whose files were touched at those `times`."""
        number = {used: at for at, used in enumerate(self._used)}
        told = [one.told for one in self._used]
        pages = {path: (key, number[used]) for path, (key, used) in self._made.items()}
        return {self._key: json.dumps({"times": times, "used": told, "pages": pages}).encode()}
