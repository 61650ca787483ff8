"""The part of README.md that tells what the newest run found."""

from __future__ import annotations

from .chart import chart
from .peers.peer import REPOSITORY
from .report import tables
from .results import FOLDER, Results

README = REPOSITORY / "README.md"
START, END = "<!-- bench: start -->\n", "<!-- bench: end -->\n"


def section(results: Results) -> str:
    """What stands between the marks: when and where, the chart, and the tables."""
    machine = results.machine
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    return (
        f"Measured on {results.date} ({machine['cores']} cores, {machine['system']} on "
        f"{machine['processor']}, Python {machine['python']}): {versions}.\n\n"
        f"![CPU time of a cold build by number of terms]"
        f"({FOLDER.relative_to(REPOSITORY).as_posix()}/{results.date}.svg)\n\n"
        f"{tables(results)}\n"
    )


def with_section(text: str, results: Results) -> str:
    """README's text with this run's section between its marks; ValueError without the marks."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"README.md lacks {START.strip()} or {END.strip()}")
    return f"{before}{START}\n{section(results)}\n{END}{after}"


def write(results: Results) -> None:
    """Put this run's section into README.md."""
    text = with_section(README.read_text("utf-8"), results)
    README.write_text(text, encoding="utf-8")


def draw(results: Results) -> None:
    """Write the chart beside the results."""
    (FOLDER / f"{results.date}.svg").write_text(chart(results), encoding="utf-8")
