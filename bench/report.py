"""Tables of what a run found, in Markdown, and whether Termbook met its targets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from .peers import REFERENCE, TERMBOOK
from .results import Results, Row


class Column(NamedTuple):
    """A measure in a table, its unit, and how many of the measure's own units make one."""

    heading: str
    measure: str
    unit: str
    scale: float = 1


COLUMNS = (
    Column("cold CPU", "cold.cpu", "s"), Column("cold wall", "cold.wall", "s"),
    Column("peak", "cold.peak", "MB"),
    Column("unchanged CPU", "unchanged.cpu", "s"), Column("unchanged wall", "unchanged.wall", "s"),
    Column("one edit CPU", "edited.cpu", "s"), Column("one edit wall", "edited.wall", "s"),
    Column("edit to page", "live", "s"), Column("site", "site", "MB", 1e6),
    Column("page", "page", "KB", 1e3), Column("search", "search", "KB", 1e3),
)
# What is expected to grow no faster than the number of terms.
GROWING = (Column("CPU", "cold.cpu", "s"), Column("site", "site", "MB"))


class Target(NamedTuple):
    """What a measure of Termbook's should not exceed at a size.

    Without `to` it is meant as it is, in `unit`; else as a ratio to another peer's same measure
    ("mkdocs-material"), or to a measure of its own ("cold.cpu"). `since` makes it the exponent of
    growth from that size.
    """

    terms: int
    heading: str
    measure: str
    limit: float
    unit: str = ""
    scale: float = 1
    to: str | None = None
    since: int | None = None


TARGETS = (
    Target(1000, "cold CPU", "cold.cpu", 0.8, to=REFERENCE.name),
    Target(1000, "cold wall", "cold.wall", 0.5, to=REFERENCE.name),
    Target(1000, "peak", "cold.peak", 250, " MB"),
    Target(1000, "unchanged CPU", "unchanged.cpu", 0.25, to="cold.cpu"),
    Target(1000, "one edit CPU", "edited.cpu", 0.3, to="cold.cpu"),
    Target(1000, "edit to page", "live", 0.4, " s"),
    Target(10_000, "edit to page", "live", 1.5, " s"),
    Target(10_000, "growth of cold CPU", "cold.cpu", 1.05, since=1000),
    Target(10_000, "growth of site", "site", 1.05, since=1000),
    Target(10_000, "peak", "cold.peak", 450, " MB"),
    *(Target(terms, "page", "page", 75, " KB", 1e3) for terms in (100, 1000, 10_000)),
    Target(1000, "search", "search", 100, " KB", 1e3),
    Target(10_000, "search", "search", 300, " KB", 1e3),
    Target(1000, "check CPU", "check.cpu", 2, " s"),
    Target(10_000, "check CPU", "check.cpu", 3, " s"),
)


def tables(results: Results) -> str:
    """A table of ratios for each size, one of growth, and what is missing from them."""
    parts = [_table(results, terms) for terms in results.sizes]
    if len(results.sizes) > 1:
        parts.append(_growth_table(results))
    if notes := [*_failures(results), *_absences(results)]:
        parts.append("\n".join(f"- {note}" for note in notes))
    return "\n\n".join(parts)


def _table(results: Results, terms: int) -> str:
    reference = results.row(terms, REFERENCE.name)
    rows = [row for row in results.rows if row.terms == terms]
    rounds = max(len(row.rounds) for row in rows)
    lines = [
        f"**{terms:,} terms**, " + (f"medians of {rounds} rounds:" if rounds > 1 else "one round:"),
        "",
        f"| generator | {' | '.join(column.heading for column in COLUMNS)} |",
        "|---|" + "--:|" * len(COLUMNS),
    ]
    for row in rows:
        cells = [_cell(row, reference, column) for column in COLUMNS]
        lines.append(f"| {row.peer} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: Row, reference: Row | None, column: Column) -> str:
    """A ratio; the number itself for the reference, or where the reference has none."""
    if row.reason(column.measure):
        return "failed"
    own = row.median(column.measure)
    if own is None:
        return "none"
    ratio = row.ratio(column.measure, reference) if reference and reference is not row else None
    return f"{_digits(own / column.scale)} {column.unit}" if ratio is None else _digits(ratio)


def _digits(number: float) -> str:
    """A number with three digits that count, or two decimals."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def _growth_table(results: Results) -> str:
    steps = [(column, *step) for column in GROWING for step in pairwise(results.sizes)]
    heads = [f"{column.heading}, {small:,} to {large:,}" for column, small, large in steps]
    lines = [
        "**Growth**, as the exponent of the number of terms (1 is in proportion to it):", "",
        f"| generator | {' | '.join(heads)} |", "|---|" + "--:|" * len(heads),
    ]
    for peer in results.peers:
        found = [growth(results, peer, column.measure, *sizes) for column, *sizes in steps]
        cells = ["" if one is None else f"{one:.2f}" for one in found]
        lines.append(f"| {peer} | {' | '.join(cells)} |")
    return "\n".join(lines)


def growth(results: Results, peer: str, measure: str, small: int, large: int) -> float | None:
    """The exponent with which a peer's measure grows between two sizes, where both are known."""
    rows = [results.row(terms, peer) for terms in (small, large)]
    low, high = (row.median(measure) if row else None for row in rows)
    return math.log(high / low) / math.log(large / small) if low and high else None


def _failures(results: Results) -> Iterator[str]:
    for row in results.rows:
        for measure, reason in row.failed.items():
            told = " ".join(reason.split())
            yield f"{row.peer} failed at {row.terms:,} terms ({measure}): {told}"


def _absences(results: Results) -> Iterator[str]:
    for peer, reason in results.absent.items():
        yield f"{peer} is absent: {reason}"


def verdicts(results: Results) -> list[str]:
    """Whether each target was met: a report, not a gate."""
    return [line for target in TARGETS if (line := _verdict(results, target))]


def _verdict(results: Results, target: Target) -> str | None:
    """One line; None when Termbook was not measured at that size."""
    row = results.row(target.terms, TERMBOOK.name)
    if row is None:
        return None
    found = _found(results, row, target)
    base = target.to if target.to in (None, REFERENCE.name) else f"its own {target.to}"
    limit = f"{target.limit:g}{target.unit}" + (f" × {base}" if base else "")
    if found is None:
        told = "unknown"
    else:
        told = f"{found:.2f}{target.unit}: {'met' if found <= target.limit else 'missed'}"
    return f"{target.terms:,} terms, {target.heading}: at most {limit}, {told}"


def _found(results: Results, row: Row, target: Target) -> float | None:
    if target.since:
        return growth(results, row.peer, target.measure, target.since, target.terms)
    if target.to == REFERENCE.name:
        reference = results.row(target.terms, REFERENCE.name)
        return row.ratio(target.measure, reference) if reference else None
    if target.to:
        return row.ratio(target.measure, row, target.to)
    own = row.median(target.measure)
    return None if own is None else own / target.scale
