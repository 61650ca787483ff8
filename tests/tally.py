"""What the browser tests count while they run, to be told when the run ends."""

from __future__ import annotations

from collections import Counter
from typing import Any

# What is told of each group of tests that ran, in this order.
LINES = {
    "axe states": "axe-core: {axe states} states checked, {axe violations} violations",
    "tab stops": "keyboard: {tab stops} tab stops walked, {tab faults} faults",
    "queries": "search: {queries} queries, {found first} found first ({top1:.2%})",
    "payloads": "hostile text: {payloads} pages with payloads opened, {payloads run} payloads ran",
    "requests": "privacy: {requests} requests, {off-origin} off-origin",
}


class Tally:
    """Counts by name, and the search's misses, of one process or of several added up."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.misses: list[str] = []

    def count(self, name: str, more: int = 1) -> None:
        """Add to the count of that name."""
        self.counts[name] += more

    @property
    def data(self) -> dict[str, Any]:
        """All of it, as one process may send it to another."""
        return {"counts": dict(self.counts), "misses": self.misses}

    def add(self, data: dict[str, Any]) -> None:
        """Add the `data` of another process."""
        self.counts.update(data["counts"])
        self.misses += data["misses"]

    @property
    def _top1(self) -> Any:
        return self.counts["found first"] / max(self.counts["queries"], 1)

    def lines(self) -> list[str]:
        """What to tell: a line for each group that counted anything, and then the misses."""
        # Of a Counter, a name that was never counted is 0.
        known = Counter({**self.counts, "top1": self._top1})
        told = [line.format_map(known) for group, line in LINES.items() if self.counts[group]]
        return told + [f"  missed: {miss}" for miss in sorted(self.misses)]
