"""Golden files: a small knowledge base each, and every problem that it must be told.

A golden file holds `files`, laid over those of `clean.yml` (null removes one), and `problems`, the
exact lines. A file is a text, or `{base64: …}` for raw bytes, or `{repeat: text, times: n}`.
With `before`, files of the same form, the book is compared with the one that was published.
"""

import base64
from pathlib import Path
from typing import Any

import yaml

from termbook.checks import check
from termbook.diff.review import vanished
from termbook.figures.figure import figure_titles
from termbook.linkcheck.external import findings
from termbook.load import read
from termbook.problems import BookError, Problem, as_text

FOLDER = Path(__file__).parent / "golden"
DIFFS = Path(__file__).parent / "diffs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))


def golden(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


def expected(name: str) -> str:
    return golden(name)["problems"]


def codes() -> list[str]:
    """Every problem code that some golden file shows, or a fixture of `termbook diff`."""
    told = "".join(map(expected, NAMES)).splitlines()
    for path in DIFFS.glob("*.yml"):
        text = yaml.safe_load(path.read_text(encoding="utf-8")).get("text", "")
        told += [line for line in text.splitlines() if ": error " in line]
    return sorted({line.split(": ")[1].split(" ")[1] for line in told})


def clean_files() -> dict[str, Any]:
    return golden("clean")["files"]


def write(root: Path, files: dict[str, Any]) -> Path:
    """Write `files` over the clean book into `root`."""
    for path, content in {**clean_files(), **files}.items():
        if content is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(_bytes(content))
    return root


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    if "base64" in content:
        return base64.b64decode(content["base64"])
    return (content["repeat"] * content["times"]).encode()


def lay_out(folder: Path, name: str) -> Path:
    """Write a golden file's book into `folder`, and the book before it beside it."""
    if "before" in golden(name):
        write(folder / "before", golden(name)["before"])
    return write(folder / "book", golden(name)["files"])


def problems(root: Path) -> list[Problem]:
    """What `termbook check` reports about the book in `root`, what its figures lack, and what
    `termbook links --external` tells of addresses of which something is known."""
    reading = read(root)
    found = [*reading.problems, *check(reading.book)]
    found.extend(findings(reading.book, reading.book.link_status))
    if (root.parent / "before").exists():
        found.extend(vanished(read(root.parent / "before").book, reading.book))
    try:
        figure_titles(Path("docs/figures"), lambda term: reading.book.terms[term].label)
    except BookError as error:
        found.extend(error.problems)
    return sorted(found)


def lines(found: list[Problem]) -> str:
    return "".join(as_text(problem) + "\n" for problem in found)


def update(name: str, found: str) -> None:
    """Write the problems that were found into the golden file, where they come last."""
    path = FOLDER / f"{name}.yml"
    head = path.read_text(encoding="utf-8").partition("\nproblems:")[0]
    tail = "|\n" + "".join(f"  {line}\n" for line in found.splitlines()) if found else '""\n'
    path.write_text(f"{head}\nproblems: {tail}", encoding="utf-8")
