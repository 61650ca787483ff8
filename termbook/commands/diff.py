"""`termbook diff`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..diff.review import Review, review
from ..diff.revisions import GitFailed, checked_out, parting
from ..diff.text import FORMATS
from ..load import read
from ..terminal import Root, count, say

app = typer.Typer()


class DiffFormat(StrEnum):
    """How a review is printed."""

    text = "text"
    markdown = "markdown"
    json = "json"


@app.command()
def diff(
    base: Annotated[str, typer.Argument(help="The Git revision to compare with.")],
    head: Annotated[
        str | None, typer.Argument(help="The changed revision; else the files as they are now.")
    ] = None,
    root: Root = Path("."),
    form: Annotated[
        DiffFormat, typer.Option("--format", help="How to print.")
    ] = DiffFormat.text,
) -> None:
    """Tell what changed since BASE as knowledge: terms, claims, relations, pages affected."""
    try:
        with checked_out(root, parting(root, base, head or "HEAD")) as before:
            if head is None:
                told = _review(before, root)
            else:
                with checked_out(root, head) as after:
                    told = _review(before, after)
    except GitFailed as error:
        say(str(error), "red")
        raise typer.Exit(2) from None
    typer.echo(FORMATS[form](told), nl=False)
    if told.problems:
        raise typer.Exit(1)


def _review(before: Path, after: Path) -> Review:
    base, head = read(before), read(after)
    if wrong := len(base.problems) + len(head.problems):
        say(f"{count(wrong, 'problem')} found while reading: what could not be read is left "
             "out. Run `termbook check`", "yellow")
    return review(base.book, head.book)
