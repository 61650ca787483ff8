"""The same work on many items, divided among processes where that pays.

A worker is a fork of this process, so it has all that the work needs without copying, and only
its results travel. Where a process cannot be forked the work is done here.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar, cast

# Below this, starting a worker takes longer than what it saves.
WORTH_A_WORKER = 50

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


def each(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int
) -> Iterator[tuple[Item, Result]]:
    """Each item with the result of `work` on it, in no certain order.

    Results must be picklable. What `work` raises is raised here; raises WorkerDied when a worker
    is killed. At most `workers` processes are used, fewer for few items.
    """
    count = min(workers, len(items) // WORTH_A_WORKER)
    if count < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from ((item, work(item)) for item in items)
        return
    # A collection in a worker would copy the memory that it shares with this process.
    gc.freeze()
    started = [_Worker(work, items[first::count]) for first in range(count)]
    try:
        at_work = {one.reader: one for one in started}
        while at_work:
            for reader in wait(list(at_work)):
                worker = at_work[cast(Connection, reader)]
                yield worker.next()
                if not worker.left:
                    del at_work[worker.reader]
    finally:
        for worker in started:
            worker.end()
        gc.unfreeze()


class _Worker(Generic[Item, Result]):
    """A process at work on its share of the items, one after the other."""

    def __init__(self, work: Callable[[Item], Result], share: Sequence[Item]) -> None:
        context = multiprocessing.get_context("fork")
        self.reader, writer = context.Pipe(duplex=False)
        self.left = deque(share)
        self._process = context.Process(target=_run, args=(work, share, writer), daemon=True)
        self._process.start()
        writer.close()

    def next(self) -> tuple[Item, Result]:
        """Wait for the next item and its result."""
        item = self.left.popleft()
        try:
            result, error = self.reader.recv()
        except EOFError:
            raise WorkerDied(item) from None
        if error is not None:
            raise error
        return item, result

    def end(self) -> None:
        """End the process, at once if its work is not done."""
        self._process.terminate()
        self._process.join()
        self.reader.close()


def _run(work: Callable[[Item], Result], share: Sequence[Item], writer: Connection) -> None:
    for item in share:
        try:
            writer.send((work(item), None))
        except Exception as error:
            writer.send((None, error))
            return
