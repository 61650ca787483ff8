"""Publishing: build beside the site, verify, then swap, so that the last good site survives.

`site` is a symbolic link into `.site/`; replacing a link is atomic (POSIX rename), so a reader,
or a build killed at any moment, never sees half a site.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

BUILDS = ".site"
KEEP = 2


def publish(
    site: Path, build: Callable[[Path], None], verify: Callable[[Path], None]
) -> Path:
    """Have `build` write a site into a fresh folder, `verify` it, and make it `site`; the folder.

    Whatever `build` or `verify` raises goes on to the caller, and `site` stays as it was.
    """
    builds = site.parent / BUILDS
    builds.mkdir(exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="build-", dir=builds))
    fresh.chmod(0o755)
    try:
        build(fresh)
        verify(fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    _swap(site, fresh)
    _tidy(builds, fresh)
    return fresh


def _swap(site: Path, fresh: Path) -> None:
    link = fresh.with_suffix(".link")
    link.symlink_to(os.path.relpath(fresh, site.parent), target_is_directory=True)
    if site.is_dir() and not site.is_symlink():
        # A real folder, such as `mkdocs build` leaves, cannot be replaced in one step.
        site.rename(fresh.with_suffix(".replaced"))
    link.replace(site)


def _tidy(builds: Path, current: Path) -> None:
    """Remove all but the newest builds: an older one may still be open in a browser.

    A younger folder than `current` may belong to a build that is running at this moment.
    """
    born = current.stat().st_mtime
    older = [path for path in builds.iterdir() if path.lstat().st_mtime <= born and path != current]
    older.sort(key=lambda path: path.lstat().st_mtime, reverse=True)
    for path in older[KEEP - 1 :]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
