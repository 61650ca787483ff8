"""What can be wrong with a knowledge base, where, and how to mend it; and its two printers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple


class Place(NamedTuple):
    """A spot in a file: path relative to the knowledge base, line and column counted from 1."""

    path: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, order=True)
class Problem:
    """One finding of a check: data until one of the printers below turns it into text."""

    place: Place
    code: str
    message: str
    hint: str
    severity: Literal["error", "warning"] = "error"


class BookError(Exception):
    """The knowledge base cannot be used; `problems` says why (at least one is an error)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(as_text, self.problems)))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that stop a build."""
    return [problem for problem in problems if problem.severity == "error"]


def as_text(problem: Problem) -> str:
    """`path:line:column: error code: message. hint`, the form editors and terminals link."""
    path, line, column = problem.place
    return (
        f"{path}:{line}:{column}: {problem.severity} {problem.code}: "
        f"{problem.message}. {problem.hint}"
    )


def as_annotation(problem: Problem) -> str:
    """A GitHub Actions workflow command that shows the problem beside the changed line.

    Escapes follow GitHub's toolkit, `packages/core/src/command.ts`.
    """
    path, line, column = problem.place
    body = _escape(f"{problem.message}. {problem.hint}")
    file = _escape(path).replace(":", "%3A").replace(",", "%2C")
    return (
        f"::{problem.severity} file={file},line={line},col={column},title={problem.code}::{body}"
    )


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """The hint that names the nearest of `known` to `word`, or `otherwise` when none is near."""
    by_fold = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.72)
    return f'Did you mean "{by_fold[near[0]]}"?' if near else otherwise
