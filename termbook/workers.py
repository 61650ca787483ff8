"""The same work on many items, divided among processes where that pays.

A worker is a fork of this process, so it has all that the work needs without copying, and only
its results travel; this process works as well. Where it cannot be forked it does all of it.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from mmap import mmap
from multiprocessing.connection import Connection
from signal import SIG_IGN, SIGINT, signal
from struct import Struct
from typing import Any, Generic, TypeVar

# Below this, starting a worker takes longer than what it saves.
WORTH_A_WORKER = 50
# In how many runs a process does its share, so that all end at much the same time. Items that
# stand beside each other stand so in memory, of which a process copies what it uses.
RUNS = 32
# No more than this, for their numbers must fit into a pipe, which may hold as little as 4 KB.
MOST_RUNS = 1000
# How processes tell each other of an item.
_NUMBER = Struct("=I")

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkerDied(Exception):
    """A worker ended before its work; `item` is what it was at."""

    def __init__(self, item: Any) -> None:
        super().__init__(f"the process at work on {item} died")
        self.item = item


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


class SharedWork(Generic[Item, Result]):
    """The results of `work` on each of `items`, of at most `workers` processes, fewer for few.

    The others begin at once, and this one joins in when it asks for the results. They must be
    picklable. Items that take long should come first, for each process goes on with the next
    that nobody has begun. Whoever does not take all results calls `end`.
    """

    def __init__(
        self, work: Callable[[Item], Result], items: Sequence[Item], workers: int
    ) -> None:
        self._work, self._items = work, items
        count = min(workers, len(items) // WORTH_A_WORKER)
        if count < 2 or "fork" not in multiprocessing.get_all_start_methods():
            count = 1
        # A collection in a worker would copy the memory that it shares with this process.
        gc.freeze()
        self._runs = _Runs(len(items), min(RUNS * count, MOST_RUNS))
        self._others: list[_Worker] = []
        with suppress(OSError):  # where no other process can be had, this one does more of it
            self._others.extend(_Worker(work, items, self._runs) for _ in range(count - 1))

    def __iter__(self) -> Iterator[tuple[Item, Result]]:
        """Each item with its result, in no certain order.

        What `work` raises is raised here; raises WorkerDied when a worker is killed.
        """
        items = self._items
        try:
            yield from ((items[number], self._work(items[number])) for number in self._runs)
            for worker in self._others:
                yield from ((items[number], result) for number, result in worker.results())
        finally:
            self.end()

    def end(self) -> None:
        """End the other processes, which does nothing where that is done."""
        for worker in self._others:
            worker.end()
        if not self._runs.closed:
            self._runs.close()
            gc.unfreeze()


class _Runs:
    """The numbers of the items that no process has begun, for the one that asks next.

    They stand in a pipe, which all processes read, and of which each number is read once.
    """

    def __init__(self, count: int, most: int) -> None:
        """Divide `count` items into `most` runs, or fewer."""
        self._count, self._length, self.closed = count, max(1, -(-count // most)), False
        self._left, writer = os.pipe()
        os.write(writer, b"".join(map(_NUMBER.pack, range(0, count, self._length))))
        os.close(writer)

    def __iter__(self) -> Iterator[int]:
        while start := os.read(self._left, _NUMBER.size):
            first, = _NUMBER.unpack(start)
            yield from range(first, min(first + self._length, self._count))

    def close(self) -> None:
        """Forget what is left."""
        self.closed = True
        os.close(self._left)


class _Worker:
    """A process at work on `items`, which keeps its results until it is asked for them."""

    def __init__(self, work: Callable[[Any], Any], items: Sequence[Any], runs: _Runs) -> None:
        context = multiprocessing.get_context("fork")
        self._reader, writer = context.Pipe(duplex=False)
        self._items, self._at = items, mmap(-1, _NUMBER.size)  # shared by both processes
        self._process = context.Process(
            target=_run, args=(work, items, runs, self._at, self._reader, writer, os.getpid()),
            daemon=True,
        )
        self._process.start()
        writer.close()

    def results(self) -> Iterator[tuple[int, Any]]:
        """The numbers of its items with the results, when all are done."""
        while told := self._told():
            number, result, error = told
            if error is not None:
                raise error
            yield number, result
        self._process.join()
        if self._process.exitcode:
            number, = _NUMBER.unpack(self._at[:])
            raise WorkerDied(self._items[number])

    def _told(self) -> tuple[int, Any, Exception | None] | None:
        try:
            return self._reader.recv()  # type: ignore[no-any-return]
        except (EOFError, OSError):  # nothing is left, or the process died while it told
            return None

    def end(self) -> None:
        """End the process, at once if its work is not done."""
        self._process.terminate()
        self._process.join()
        self._reader.close()


def _run(
    work: Callable[[Any], Any], items: Sequence[Any], runs: _Runs, at: mmap, reader: Connection,
    writer: Connection, parent: int,
) -> None:
    """Work on items, as long as the process lives that wants them, and then tell the results."""
    signal(SIGINT, SIG_IGN)  # Ctrl+C asks the first process, which ends this one
    reader.close()  # or this process would wait for ever when the first one is killed
    done: list[tuple[int, Any, Exception | None]] = []
    for number in runs:
        if os.getppid() != parent:
            return
        _NUMBER.pack_into(at, 0, number)
        try:
            done.append((number, work(items[number]), None))
        except Exception as error:
            done.append((number, None, error))
            break
    # Only now, for the process that takes them is at work too; and no two keep all of them.
    while done:
        writer.send(done.pop())
