"""What a run of the bench found, and its file; every table is computed from it."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from .peers.peer import REPOSITORY
from .rounds import Value

FOLDER = REPOSITORY / "bench" / "results"
# Where a command's measures stand in its list.
PARTS = ("cpu", "wall", "peak")


@dataclass(frozen=True)
class Row:
    """One peer at one size: what each round measured, and why what failed did.

    A measure is called as in a round ("live"), or with the part of a command's ("cold.cpu").
    """

    terms: int
    peer: str
    rounds: list[dict[str, Value]]
    failed: dict[str, str]

    def reason(self, measure: str) -> str | None:
        """Why a measure failed, if it did; without a cold build nothing else was tried."""
        return self.failed.get(measure.partition(".")[0]) or self.failed.get("cold")

    def median(self, measure: str) -> float | None:
        """The median of the rounds; None for what failed, or what the peer does not have."""
        return _median([_value(one, measure) for one in self.rounds])

    def ratio(self, measure: str, other: Row, base: str | None = None) -> float | None:
        """The median of the ratios to `other` in the same round, to its measure `base` if given."""
        return _median([
            mine / its if mine is not None and its else None
            for mine, its in ((_value(one, measure), _value(two, base or measure))
                              for one, two in zip(self.rounds, other.rounds, strict=True))
        ])


def _value(measured: dict[str, Value], measure: str) -> float | None:
    name, _, part = measure.partition(".")
    value = measured.get(name)
    return value[PARTS.index(part)] if isinstance(value, list) else value


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known and len(known) == len(values) else None


@dataclass(frozen=True)
class Results:
    """One run: when, where, of what, which peers were absent and why, and what it found."""

    date: str
    machine: dict[str, str | int | None]
    versions: dict[str, str]
    absent: dict[str, str]
    seed: int
    rows: list[Row]

    @property
    def sizes(self) -> list[int]:
        """The numbers of terms, from few to many."""
        return sorted({row.terms for row in self.rows})

    @property
    def peers(self) -> list[str]:
        """The peers that were measured, in the order of the run."""
        return list(dict.fromkeys(row.peer for row in self.rows))

    def row(self, terms: int, peer: str) -> Row | None:
        """The row of a peer at a size, if it was measured."""
        return next((one for one in self.rows if (one.terms, one.peer) == (terms, peer)), None)

    def joined(self, earlier: Results) -> Results:
        """These with the sizes that only an earlier run has, if it was of the same day and corpus
        and on the same machine; these alone if not.
        """
        if any(getattr(self, one) != getattr(earlier, one) for one in ("date", "machine", "seed")):
            return self
        others = [row for row in earlier.rows if row.terms not in self.sizes]
        measured = {row.peer for row in others}
        return replace(
            self, versions=earlier.versions | self.versions,
            absent={peer: why for peer, why in self.absent.items() if peer not in measured},
            rows=sorted([*others, *self.rows], key=lambda row: row.terms),
        )

    @property
    def file(self) -> Path:
        """That of this day."""
        return FOLDER / f"{self.date}.json"

    def save(self) -> Path:
        """Write the file of this day, and give its path."""
        file = self.file
        file.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        return file


def machine() -> dict[str, str | int | None]:
    """What is needed to read the numbers later; no host names or paths."""
    return {"cores": os.cpu_count(), "system": platform.system(),
            "processor": platform.machine(), "python": platform.python_version()}


def load(file: Path) -> Results:
    """The results in a file that `save` has written."""
    data: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return Results(**{**data, "rows": [Row(**row) for row in data["rows"]]})


def newest() -> Path:
    """The file of the last run that was kept; raises FileNotFoundError without any."""
    files = sorted(FOLDER.glob("[0-9]*.json"))
    if not files:
        raise FileNotFoundError("there are no results: run `python -m bench` first")
    return files[-1]
