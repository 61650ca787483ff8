"""What several commands want of a site: that it is built, its date, its settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..terminal import say

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig


def built(root: Path) -> Path:
    """The built site of `root`; without one, exit 2."""
    site = root / "site"
    if not (site / "index.html").is_file():
        say(f"{site} is not built yet: run `termbook build` first", "red")
        raise typer.Exit(2)
    return site


def date_by(commit: str) -> None:
    """Date all that is written by the last `commit`, as `last_commit` has it, unless the
    environment has a date: the same input then gives the same bytes.
    """
    os.environ.setdefault("SOURCE_DATE_EPOCH", commit.partition(" ")[2] or "0")


def config_of(root: Path) -> MkDocsConfig:
    """The settings in mkdocs.yml."""
    from mkdocs.config import load_config

    return load_config(str(root / "mkdocs.yml"))
