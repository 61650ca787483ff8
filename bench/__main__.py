"""Measure Termbook against its peers: see the package's docstring for what is compared."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from . import readme
from .corpus import generate
from .peers import PEERS
from .peers.peer import Absent, Peer
from .report import tables, verdicts
from .results import Results, Row, load, machine, newest
from .rounds import Entrant, Value

SIZES = (100, 1000, 10_000)
# A round before all others, in which every file is read and every module compiled for once.
WARM_UP = 20


def main() -> None:
    """Run the bench for every size, print its tables, and keep its numbers and a chart."""
    options = _options()
    if options.readme:
        readme.write(load(newest()))
        return
    versions, absent = present(options.peers)
    peers = [peer for peer in PEERS if peer.name in versions]
    with tempfile.TemporaryDirectory() as temporary:
        rows = measure(peers, options.terms, options.runs, options.seed,
                       Path(options.folder or temporary))
    results = Results(date.today().isoformat(), machine(), versions, absent, options.seed, rows)
    if results.file.is_file():
        results = results.joined(load(results.file))
    print(tables(results))
    print("\n".join(["", *verdicts(results)]))
    file = results.save()
    readme.draw(results)
    print(f"\nNumbers and chart: bench/results/{file.stem}.json and .svg; "
          "`python -m bench --readme` puts them into README.md")


def _options() -> argparse.Namespace:
    names = [peer.name for peer in PEERS]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--terms", type=int, nargs="+", default=SIZES, metavar="N",
                        help="sizes of the corpus, at least 20 each (default: 100 1000 10000)")
    parser.add_argument("--runs", type=int,
                        help="rounds of each size (default: 5 to 100 terms, 3 to 1,000, then 1)")
    parser.add_argument("--peers", nargs="+", choices=names, default=names, metavar="NAME",
                        help=f"only these: {', '.join(names)}")
    parser.add_argument("--seed", type=int, default=1, help="of the corpus (default: 1)")
    parser.add_argument("--folder", help="keep the corpora and sites in this new folder")
    parser.add_argument("--readme", action="store_true",
                        help="measure nothing; put the newest results into README.md")
    return parser.parse_args()


def present(names: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The versions of the named peers that are here, and why the others are not."""
    versions, absent = {}, {}
    for peer in PEERS:
        if peer.name not in names:
            absent[peer.name] = "not asked for"
            continue
        try:
            versions[peer.name] = peer.version()
        except Absent as reason:
            absent[peer.name] = str(reason)
    return versions, absent


def measure(
    peers: Sequence[Peer], sizes: Sequence[int], runs: int | None, seed: int, folder: Path
) -> list[Row]:
    """A row for each size and peer; each failure is told at once, and is in its row."""
    rows: list[Row] = []
    late: dict[str, dict[str, str]] = {peer.name: {} for peer in peers}
    _say("warming up")
    _rounds(_entrants(peers, WARM_UP, seed, folder / "warm-up", late), 1)
    for size in sorted(sizes):
        entrants = _entrants(peers, size, seed, folder / str(size), late)
        rounds = _rounds(entrants, runs or _runs(size))
        for entrant in entrants:
            name = entrant.peer.name
            rows.append(Row(size, name, [each[name] for each in rounds], entrant.failed))
            late[name] = entrant.late
    return rows


def _runs(size: int) -> int:
    return 5 if size <= 100 else 3 if size <= 1000 else 1


def _entrants(
    peers: Sequence[Peer], size: int, seed: int, folder: Path, late: dict[str, dict[str, str]]
) -> list[Entrant]:
    corpus = generate(size, seed)
    return [Entrant(peer, corpus, folder / peer.name, late[peer.name]) for peer in peers]


def _rounds(entrants: list[Entrant], runs: int) -> list[dict[str, dict[str, Value]]]:
    """What each entrant measured in each round, every other one in reverse order."""
    rounds = []
    for number in range(runs):
        measured = {}
        for entrant in entrants[::-1] if number % 2 else entrants:
            _say(f"{len(entrant.corpus.terms):,} terms, round {number + 1} of {runs}: "
                 f"{entrant.peer.name}")
            known = set(entrant.failed)
            measured[entrant.peer.name] = entrant.measure()
            for name in entrant.failed.keys() - known:
                _say(f"{entrant.peer.name} failed ({name}): {entrant.failed[name]}")
        rounds.append(measured)
    return rounds


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
