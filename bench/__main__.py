"""Measure Termbook against its peers: see the package's docstring for what is compared."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from .corpus import Corpus, generate
from .measure import Cost, Failed, cost
from .peers import PEERS, REFERENCE, REPOSITORY, SITE, Peer

# At 1,000 terms: (peer, command, measure) and what it should not exceed.
TARGETS = {
    ("termbook", "build", "cpu_ratio"): 1.3,
    ("termbook", "build", "peak"): 250.0,
    ("termbook", "check", "cpu"): 2.0,
}
TARGET_TERMS = 1000


class Task(NamedTuple):
    """One thing to measure: a peer's command."""

    peer: Peer
    command: str


Rounds = list[dict[Task, Cost]]


def main() -> None:
    """Run the bench for every size, print its tables, and keep its numbers."""
    options = _options()
    present = [peer for peer in PEERS if peer.version() is not None]
    for peer in PEERS:
        if peer not in present:
            print(f"{peer.name}: absent")
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for size in options.terms:
            folder = Path(options.folder or temporary) / str(size)
            rounds = _measure(present, generate(size, options.seed), folder, options.runs)
            rows += _summary(size, rounds)
    print(_table(rows))
    print("\n".join(_targets(rows)))
    _keep(rows, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--terms", type=int, nargs="+", default=[TARGET_TERMS], metavar="N")
    parser.add_argument("--runs", type=int, default=7, help="measured rounds (default: 7)")
    parser.add_argument("--seed", type=int, default=1, help="of the corpus (default: 1)")
    parser.add_argument("--folder", help="keep the corpora and sites in this new folder")
    return parser.parse_args()


def _measure(peers: list[Peer], corpus: Corpus, folder: Path, runs: int) -> Rounds:
    """`runs` rounds, every other one in reverse order, after a round that does not count."""
    for peer in peers:
        (folder / peer.name).mkdir(parents=True)
        peer.write(corpus, folder / peer.name)
    tasks = [Task(peer, command) for peer in peers for command in peer.commands]
    rounds = []
    for number in range(runs + 1):
        order = tasks[::-1] if number % 2 else tasks
        rounds.append({task: _run(task, corpus, folder / task.peer.name) for task in order})
        print(f"{len(corpus.terms):,} terms, round {number} of {runs}", file=sys.stderr)
    return rounds[1:]


def _run(task: Task, corpus: Corpus, folder: Path) -> Cost:
    result = cost(task.peer.commands[task.command], folder)
    pages = sum(1 for _ in (folder / SITE).rglob("*.html")) if task.command == "build" else 0
    if task.command == "build" and pages < corpus.pages:
        raise Failed(f"{task.peer.name} built {pages} pages of {corpus.pages}")
    return result


def _summary(size: int, rounds: Rounds) -> list[dict[str, Any]]:
    """One row a task: medians, and medians of the ratios to the reference in the same round."""
    rows = []
    for task in rounds[0]:
        costs = [each[task] for each in rounds]
        row: dict[str, Any] = {"terms": size, "peer": task.peer.name, "command": task.command}
        row |= {
            name: round(median(getattr(one, name) for one in costs), 3) for name in Cost._fields
        }
        reference = Task(REFERENCE, task.command)
        if reference in rounds[0]:
            row |= {f"{name}_ratio": _ratio(name, task, reference, rounds)
                    for name in Cost._fields}
        row["rounds"] = [[round(part, 3) for part in one] for one in costs]
        rows.append(row)
    return sorted(rows, key=lambda row: (row["command"], row["cpu"]))


def _ratio(name: str, task: Task, reference: Task, rounds: Rounds) -> float:
    ratios = [getattr(each[task], name) / getattr(each[reference], name) for each in rounds]
    return float(round(median(ratios), 3))


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [
        "| terms | generator | command | CPU s | wall s | peak MB | CPU × | wall × | memory × |",
        "|--:|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        ratios = [row.get(f"{name}_ratio") for name in Cost._fields]
        cells = [f"{row['terms']:,}", row["peer"], row["command"], f"{row['cpu']:.2f}",
                 f"{row['wall']:.2f}", f"{row['peak']:.0f}",
                 *("" if ratio is None else f"{ratio:.2f}" for ratio in ratios)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _targets(rows: list[dict[str, Any]]) -> list[str]:
    """Whether each target was met: a report, not a gate."""
    lines = []
    for row in rows:
        for (peer, command, measure), limit in TARGETS.items():
            if (row["terms"], row["peer"], row["command"]) == (TARGET_TERMS, peer, command):
                verdict = "met" if row[measure] <= limit else "missed"
                lines.append(f"{peer} {command}: {measure} {row[measure]:.2f}, "
                             f"target {limit:g}: {verdict}")
    return lines


def _keep(rows: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Write the numbers with what is needed to read them later; no host names or paths."""
    today = date.today().isoformat()
    facts = {
        "date": today,
        "machine": {"cores": os.cpu_count(), "system": platform.system(),
                    "processor": platform.machine(), "python": platform.python_version()},
        "versions": {peer.name: peer.version() for peer in PEERS},
        "seed": options.seed,
        "round": list(Cost._fields),
        "results": rows,
    }
    file = REPOSITORY / "bench" / "results" / f"{today}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(f"Numbers: bench/results/{file.name}")


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(str(error))
