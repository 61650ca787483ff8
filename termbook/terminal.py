"""What every command shares: its option --root, how it speaks, how it prints problems."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .problems import Problem, as_annotation, as_text


class Format(StrEnum):
    """How problems are printed."""

    text = "text"
    github = "github"


def check_root(value: Path) -> Path:
    """The folder of a knowledge base. Raises BadParameter when it is none."""
    if not (value / "mkdocs.yml").is_file():
        raise typer.BadParameter(f"there is no mkdocs.yml in {value}")
    return value


Root = Annotated[
    Path, typer.Option("--root", callback=check_root, help="The folder that holds mkdocs.yml.")
]


def say(text: str, colour: str | None = None) -> None:
    """Print a line for a person."""
    typer.secho(text, fg=colour, err=True)


def tell(problems: Iterable[Problem], form: Format = Format.text) -> None:
    """Print problems, sorted by place."""
    for problem in sorted(problems):
        if form is Format.github:
            typer.echo(as_annotation(problem))
        else:
            say(as_text(problem), "red" if problem.severity == "error" else "yellow")


def count(number: int, noun: str) -> str:
    """A number and its noun, in the plural if need be."""
    ending = "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}" + ("" if number == 1 else ending)
